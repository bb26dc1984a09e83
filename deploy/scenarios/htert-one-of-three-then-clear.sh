# hTERT in one of three wells: inconclusive, repeated once from a fresh extraction, then clear.

LOT=SC-2026-0411
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP

say "a signal in one of three wells is neither a pass nor a failure"
LINES_SHOWN=14 run M-TERT "$EXAMPLES/tert-one-of-three-map.csv" "$EXAMPLES/tert-setup.txt" "$EXAMPLES/tert-one-of-three.csv"
expect 'INDETERMINATE .*INCONCLUSIVE'
expect 'TERT: 1 of 3 wells with Cq <= 38'

say "the line says what is due, and by whom"
LINES_SHOWN=8 headline 0 --user tech1 lot blockers $LOT
expect 'INCONCLUSIVE +TERT +TECHNICIAN'
expect 'the repeat that the method prescribes is due: from a fresh RNA extraction'

say "the same extraction is refused"
read_setup "$EXAMPLES/tert-setup.txt"
headline 3 --user tech1 run create --method M-TERT --map "$EXAMPLES/tert-fresh-extraction-map.csv" "${SETUP[@]}"
expect 'extraction_batch RX-2026-011 was used in attempt 1 of TERT on lot SC-2026-0411'

say "the repeat from a fresh extraction is clear and takes the place of the first"
LINES_SHOWN=14 run M-TERT "$EXAMPLES/tert-fresh-extraction-map.csv" \
  "$EXAMPLES/tert-fresh-extraction-setup.txt" "$EXAMPLES/tert-fresh-extraction.csv"
expect 'METHOD_REPEAT .*NOT_DETECTED .*PASS'
expect 'rests on attempts 1 2'
headline 0 --user tech1 result show $LOT TERT
expect 'INCONCLUSIVE'

say "nothing more may be tested; both attempts are reviewed"
read_setup "$EXAMPLES/tert-setup.txt"
headline 3 --user tech1 run create --method M-TERT --map "$EXAMPLES/tert-fresh-extraction-map.csv" "${SETUP[@]}"
expect 'needs an approved plan'
quietly --user qa1 lot blockers $LOT
expect 'NOT_REVIEWED +TERT'
sign rev1 result review $LOT TERT
quietly --user qa1 lot blockers $LOT
if grep -q ' TERT ' "$DEMO/last"; then
  echo "the line still blocks the lot" >&2
  exit 1
fi
