#!/bin/sh
# What the shipped models sentiment-en and sentiment-en-fast were made by. A small encoder learns from GoEmotions and then
# from the patients' own grades; it labels many comments, from which a network that reads several times as fast learns
# before it learns from the same grades.
#     sh scripts/sentiment_en.sh DATA CHECKPOINT TEXTS.jsonl OUT
# DATA holds nhs-patient-feedback and goemotions, CHECKPOINT is all-MiniLM-L6-v2, TEXTS are clinical texts that its
# smaller vocabulary shall know, too (MTSamples, ACI-BENCH, MTS-Dialog, PriMock57), OUT is an empty folder.
set -eu
data=$1 checkpoint=$2 texts=$3 out=$4
export EPICRISIS_CHECKPOINTS="$out" # so that recipes name the encoder, and no folder of this machine

epicrisis corpus convert goemotions jsonl --data "$data" --out "$out/goemotions.jsonl"
python scripts/smaller_encoder.py "$checkpoint" "$out/MiniLM-12k-L3" "$out/goemotions.jsonl" "$texts" --pieces 12000 \
    --layers 3

small() { # the recipe with that encoder
    epicrisis train sentiment-bert --data "$data" --set model.embedder.0.checkpoint=MiniLM-12k-L3 \
        --set model.pooling.type=attention "$@"
}
small --corpus goemotions --out "$out/general" --set training.epochs=2
for seed in 1 2 3; do
    small --corpus nhs-feedback --from "$out/general" --out "$out/sentiment-en-$seed" --seed $seed \
        --set 'model.heads=[{type: classes, dropout: 0.1}, {type: intensity, dropout: 0.1}]'
done
python scripts/release_model.py sentiment-en "$out"/sentiment-en-[123] --data "$data/nhs-patient-feedback"

python scripts/unlabelled_comments.py "$data" "$out/comments.jsonl"
epicrisis extract "$out/comments.jsonl" --model none --sentiment "$out/sentiment-en-1" --format jsonl \
    --out "$out/labelled.jsonl"
epicrisis train sentiment-bilstm-att --corpus jsonl --data "$out/labelled.jsonl" --out "$out/student" \
    --set training.epochs=4 --set 'model.heads=[{type: classes}, {type: intensity}]'
for seed in 1 2 3; do
    epicrisis train sentiment-bilstm-att --corpus nhs-feedback --data "$data" --from "$out/student" \
        --out "$out/fast-$seed" --seed $seed --set 'model.heads=[{type: classes}, {type: intensity}]'
done
python scripts/release_model.py sentiment-en-fast "$out"/fast-[123] --data "$data/nhs-patient-feedback"
