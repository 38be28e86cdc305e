#!/bin/sh
# Asks a model over REST with nothing but curl.
#
#   curl.sh MODEL ROW [URL]
#
# ROW is one record for predict_raw as JSON, in which the model's metadata name every field:
#   '{"width": 1.5, "line": "north", "picture": {"b64": "'"$(base64 -w 0 part.png)"'"}}'
# A missing number is NaN, a missing text or image "".
set -eu
model=$1
row=$2
url=${3:-http://127.0.0.1:8501}

echo "# versions"
curl --silent --show-error --fail-with-body "$url/v1/models/$model"
echo "# answer"
# By way of a pipe: an image is longer than an argument may be.
printf '{"signature_name": "predict_raw", "instances": [%s]}' "$row" |
  curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' --data-binary @- \
    "$url/v1/models/$model:predict"
