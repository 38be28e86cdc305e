"""Operations on images: one module for each kind."""
