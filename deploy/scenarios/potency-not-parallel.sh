# Potency whose curves are not parallel: no relative potency is reported, however well it would look.

LOT=SC-2026-0413
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
sign qa1 lot fact $LOT --input "$EXAMPLES/lot-a/facts.csv"

say "the sample does not count: its curve is steeper than the reference"
LINES_SHOWN=10 run M-POT-RP "$EXAMPLES/potency-not-parallel-map.csv" "$EXAMPLES/pot-rp-setup.txt" "$EXAMPLES/potency-not-parallel.csv"
expect 'INVALID_SAMPLE'
expect 'check failed, .*POT-RP/1: p_parallelism'
headline 0 --user tech1 --output json result show $LOT POT-RP
expect '"value_reported": null'

LINES_SHOWN=8 headline 0 --user tech1 lot blockers $LOT
expect 'REPEAT_DUE +POT-RP +TECHNICIAN'

say "the repeat has parallel curves"
LINES_SHOWN=10 run M-POT-RP "$EXAMPLES/potency-parallel-map.csv" "$EXAMPLES/pot-rp-setup.txt" "$EXAMPLES/potency-parallel.csv"
expect 'REPEAT_INVALID 1/1 .*PASS'
quietly --user tech1 result show $LOT POT-RP
expect 'INVALID_SAMPLE'
