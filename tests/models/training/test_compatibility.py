import pytest

from core.augmentation.settings import AugmentationSettings
from models.settings import LossSettings, ModelSettings, TrainingSettings
from models.training.compatibility import conflicts

PRETRAINED = {"backbone": "MobileNetV2", "weights": "imagenet", "size": (96, 96)}


def found(model=None, loss=None, augmentation=None, has_image=True, **training) -> str:
    return "\n".join(
        conflicts(
            ModelSettings(**(model or {})),
            LossSettings(**(loss or {})),
            TrainingSettings(**training),
            # Not checked on their own: what does not go together here is what the conflicts are to find.
            AugmentationSettings().model_copy(update=augmentation or {}),
            has_image,
        )
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"deferred": 20, "loss": {"class_weights": "effective_number"}},
        {"second_stage": "tau_norm"},
        {"second_stage": "lws", "model": {"classifier": "cosine"}},
        {"augmentation": {"image": "cutmix", "tabular": "none"}},
        {"augmentation": {"image": "rotate_scale"}, "model": {"branches": "bilateral"}},
        {"augmentation": {"image": "embedding_smote", "crop_flip": False}, "model": {"image": PRETRAINED}},
        {"loss": {"contrastive": 0.5}, "augmentation": {"image": "rotate_scale"}},
    ],
)
def test_settings_that_go_together_are_let_pass(settings):
    assert found(**settings) == ""


def test_two_averages_of_the_weights_are_refused(monkeypatch):
    # What does not go together is told wherever the optimizer is installed.
    monkeypatch.setattr("models.named_classes.find_spec", lambda module: object())
    assert "training.ema=0.9 with training.optimizer.name='Addons>SWA'" in found(
        ema=0.9, optimizer={"name": "Addons>SWA"}
    )
    assert found(ema=0.9, optimizer={"name": "Addons>Lookahead"}) == ""


def test_deferring_weights_that_there_are_none_of_is_refused():
    assert "training.deferred=20 with loss.class_weights='none'. Set loss.class_weights to" in found(
        deferred=20, loss={"class_weights": "none"}
    )


@pytest.mark.parametrize("branches", ["bilateral", "experts", "class_groups"])
def test_a_second_stage_of_several_branches_is_refused(branches):
    message = found(second_stage="crt", model={"branches": branches})
    assert f"training.second_stage='crt' with model.branches={branches!r}. Set" in message


def test_tau_normalisation_of_cosines_is_refused():
    assert "Set training.second_stage to crt or lws" in found(
        second_stage="tau_norm", model={"classifier": "cosine"}
    )


@pytest.mark.parametrize("second", ["lws", "tau_norm"])
def test_class_vectors_of_an_ensemble_are_left_alone(second):
    model = {"tabular": {"encoder": "ensemble_mlp"}}
    assert "Set training.second_stage to crt" in found(second_stage=second, model=model)
    assert found(second_stage="crt", model=model) == ""


def test_mixing_what_the_branches_mix_themselves_is_refused():
    message = found(augmentation={"image": "mixup"}, model={"branches": "bilateral"})
    assert "augmentation.image='mixup'. Set augmentation.image to none" in message


def test_pieces_of_images_that_there_are_none_of_are_refused():
    assert "augmentation.image='cutmix'. Set it to mixup" in found(
        augmentation={"image": "cutmix"}, has_image=False
    )


@pytest.mark.parametrize(
    ("model", "augmentation", "message"),
    [
        ({"image": {"weights": None}}, {}, "model.image.weights=null"),
        ({"image": {**PRETRAINED, "frozen_epochs": 0}}, {}, "model.image.frozen_epochs=0"),
        ({"image": PRETRAINED}, {"crop_flip": True}, "augmentation.crop_flip=True"),
        ({"image": PRETRAINED}, {"turn_zoom": True}, "augmentation.turn_zoom=True"),
        ({"image": PRETRAINED}, {"tabular": "smote"}, "augmentation.tabular='smote'"),
        ({"image": PRETRAINED, "attention": "cbam"}, {}, "model.attention='cbam'. Set it to none"),
        ({"image": PRETRAINED, "pooling": "attention"}, {}, "model.pooling='attention'. Set it to mean"),
        ({"image": PRETRAINED, "branches": "experts"}, {}, "model.branches='experts'. Set it to single"),
    ],
)
def test_embeddings_that_are_not_kept_get_no_company(model, augmentation, message):
    found_message = found(model, augmentation={"image": "embedding_smote", **augmentation})
    assert message in found_message and "augmentation.image" in found_message
    assert found(model, augmentation={"image": "rotate_scale", **augmentation}) == ""


@pytest.mark.parametrize(
    ("model", "augmentation", "message"),
    [
        ({"branches": "experts"}, {}, "model.branches='experts'. Set loss.contrastive to 0"),
        ({"tabular": {"encoder": "ensemble_mlp"}}, {}, "model.tabular.encoder='ensemble_mlp'. Set"),
        ({}, {"image": "mixup"}, "augmentation.image='mixup'. Set loss.contrastive to 0"),
        ({}, {"image": "remix"}, "augmentation.image='remix'. Set loss.contrastive to 0"),
    ],
)
def test_contrast_needs_one_embedding_of_one_class(model, augmentation, message):
    assert message in found(model, {"contrastive": 0.5}, augmentation)
    assert found(model, {"contrastive": 0}, augmentation) == ""


def test_every_conflict_is_named():
    message = found(
        deferred=20, loss={"class_weights": "none"}, second_stage="crt", model={"branches": "experts"}
    )
    assert len(message.splitlines()) == 2
