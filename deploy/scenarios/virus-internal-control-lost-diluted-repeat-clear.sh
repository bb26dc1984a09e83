# Virus panel whose internal control is lost: no result, then the repeat at 1:10 is clear.

LOT=SC-2026-0511
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP

virus_plate plate-1 $LOT-S1
virus_cq plate-1 $LOT-S1 IC 33.8
LINES_SHOWN=20 virus_run plate-1 EX-2026-061
expect 'INVALID_SAMPLE'
LINES_SHOWN=6 headline 0 --user qa1 lot blockers $LOT
expect 'REPEAT_DUE +HV-HIV1'
expect 'the repeat that the method prescribes is due'

say "the repeat needs three wells and a fresh extraction"
headline 2 --user tech1 run create --method M-HV-PCR --map "$DEMO/plate-1-map.csv" \
  --setup extraction_batch=EX-2026-062 "${VIRUS_SETUP[@]}"
expect 'asks for 3'
say "undiluted wells alone would use up the one repeat that there is"
WELLS=3 virus_plate plate-2 $LOT-S1
headline 2 --user tech1 run create --method M-HV-PCR --map "$DEMO/plate-2-map.csv" \
  --setup extraction_batch=EX-2026-062 "${VIRUS_SETUP[@]}"
expect '0 wells of HBV at 1:10'
WELLS=3 DILUTED=10 virus_plate plate-2 $LOT-S1
headline 3 --user tech1 run create --method M-HV-PCR --map "$DEMO/plate-2-map.csv" \
  --setup extraction_batch=EX-2026-061 "${VIRUS_SETUP[@]}"
expect 'EX-2026-061 was used in attempt 1'

say "undiluted the control is lost again; at 1:10 it is there, and no virus is found"
virus_cq plate-2 $LOT-S1 IC 33.5 1
LINES_SHOWN=20 virus_run plate-2 EX-2026-062
expect 'DILUTED_RESULT'
headline 0 --user tech1 result show $LOT HV-HIV1
expect 'NEGATIVE'
quietly --user qa1 lot blockers $LOT
if grep -qE 'REPEAT_DUE +HV-|HOLD' "$DEMO/last"; then echo "the panel is not settled" >&2; exit 1; fi
expect 'NOT_REVIEWED +HV-HIV1'
