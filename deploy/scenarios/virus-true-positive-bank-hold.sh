# A virus is found in a product lot: the lot, its bank and every sister lot are held in the same act.

LOT=SC-2026-0521
SISTER=SC-2026-0522
for lot in $LOT $SISTER; do
  register "$lot" DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
  sample "$lot" "$lot-S1" RELEASE DP
done

say "a signal on a plate whose control failed is no result, but the lot is held until a valid repeat"
virus_plate plate-1 $LOT-S1
virus_cq plate-1 $LOT-S1 HBV 29.4
virus_cq plate-1 ntc HBV 30.9
LINES_SHOWN=20 virus_run plate-1 EX-2026-071
expect 'HV-HBV INVALID_RUN: ntc of HBV: 30.9 .*the sample shows a signal'
expect 'UNEXPECTED_POSITIVE'
headline 3 --user qa1 release unhold $LOT --number 1 --reason "contaminated water" --password-file "$DEMO/qa1.password"
expect 'stands until a valid repeat'
quietly --user qa1 lot blockers $SISTER
if grep -q 'HOLD' "$DEMO/last"; then echo "the sister lot is held too early" >&2; exit 1; fi

say "the repeat is valid and positive"
virus_plate plate-2 $LOT-S1
virus_cq plate-2 $LOT-S1 HBV 29.1
LINES_SHOWN=20 virus_run plate-2 EX-2026-072
expect 'HV-HBV .*POSITIVE .*OOS_SUSPECTED'
LINES_SHOWN=6 headline 0 --user qa1 lot blockers $LOT
expect 'HOLD'
expect 'OOS +HV-HBV'
for lot in $SISTER MCB-2025-0001 EOPC-2025-0001; do
  LINES_SHOWN=6 headline 0 --user qa1 lot blockers "$lot"
  expect "HOLD.*biosafety event of lot $LOT: HV-HBV POSITIVE"
done
expect 'PARENT_NOT_RELEASED +MCB-2025-0001.*on hold'

say "QA lifts hold after hold, each with its reason"
quietly --user qa1 release unhold MCB-2025-0001 --number 1 --password-file "$DEMO/qa1.password" \
  --reason "bank vial retested by sequencing, INV-2026-09: clear"
quietly --user qa1 lot blockers $SISTER
expect "HOLD.*biosafety event of lot $LOT"
if grep -q 'MCB-2025-0001.*on hold' "$DEMO/last"; then echo "the bank is still held" >&2; exit 1; fi
quietly --user qa1 release unhold $SISTER --number 1 --password-file "$DEMO/qa1.password" \
  --reason "retained sample of the harvest clear, INV-2026-09"
quietly --user qa1 lot blockers $SISTER
if grep -q 'HOLD' "$DEMO/last"; then echo "a hold is left" >&2; exit 1; fi
quietly --user qa1 lot blockers EOPC-2025-0001
expect "HOLD.*biosafety event of lot $LOT"
say "no repeat takes the positive away"
headline 3 --user tech1 run create --method M-HV-PCR --map "$DEMO/plate-2-map.csv" \
  --setup extraction_batch=EX-2026-073 "${VIRUS_SETUP[@]}"
