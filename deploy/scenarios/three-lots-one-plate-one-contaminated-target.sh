# Three lots on one virus plate: one contaminated target is repeated, the others stand.

LOTS="SC-2026-0501 SC-2026-0502 SC-2026-0503"
for lot in $LOTS; do
  register "$lot" DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
  sample "$lot" "$lot-S1" RELEASE DP
done

# shellcheck disable=SC2086  # a list of samples
virus_plate plate-1 $(printf '%s-S1 ' $LOTS)
say "refused, and named: a control that is missing, a target that the method does not know"
sed 's/^\(.*,NTC,,\)HBV,/\1HBW,/' "$DEMO/plate-1-map.csv" >"$DEMO/wrong-map.csv"
headline 2 --user tech1 run create --method M-HV-PCR --map "$DEMO/wrong-map.csv" \
  --setup extraction_batch=EX-1 "${VIRUS_SETUP[@]}"
expect 'HBW" at .* is none of the targets'
expect 'there is no NTC of HBV'
say "and a well that would hold two samples, or one sample twice"
sed 's/^B2,/A1,/; 3p' "$DEMO/plate-1-map.csv" >"$DEMO/wrong-map.csv"
headline 2 --user tech1 run create --method M-HV-PCR --map "$DEMO/wrong-map.csv" \
  --setup extraction_batch=EX-1 "${VIRUS_SETUP[@]}"
expect 'A1 holds SC-2026-0501-S1 already'
expect 'A2 stands on the map twice'

say "the no-template control of HBV amplified; the other ten targets are sound"
virus_cq plate-1 ntc HBV 34.2
LINES_SHOWN=40 virus_run plate-1 EX-2026-051
expect 'ntc HBV: 34.2'
expect 'no result, SC-2026-0501 HV-PCR/1: HV-HBV INVALID_RUN'
for lot in $LOTS; do
  LINES_SHOWN=6 headline 0 --user qa1 lot blockers "$lot"
  expect 'REPEAT_DUE +HV-HBV'
  expect 'ntc of HBV: 34.2'
  grep -qE 'REPEAT_DUE +HV-HCV|NOT_TESTED +HV-' "$DEMO/last" && { echo "another target is open" >&2; exit 1; }
done

say "the repeat covers the whole panel of every lot; a map without HCV is refused"
# shellcheck disable=SC2086
virus_plate plate-2 $(printf '%s-S1 ' $LOTS)
grep -v ',SC-2026-0502-S1,HCV,' "$DEMO/plate-2-map.csv" >"$DEMO/short-map.csv"
headline 2 --user tech1 run create --method M-HV-PCR --map "$DEMO/short-map.csv" \
  --setup extraction_batch=EX-2 "${VIRUS_SETUP[@]}"
expect 'sample SC-2026-0502-S1 has 0 undiluted wells of HCV'
LINES_SHOWN=12 virus_run plate-2 EX-2026-052
for lot in $LOTS; do
  quietly --user qa1 lot blockers "$lot"
  grep -qE 'REPEAT_DUE +HV-' "$DEMO/last" && { echo "a repeat is still due" >&2; exit 1; }
done
say "both attempts stay visible"
headline 0 --user tech1 result show SC-2026-0501 HV-HBV
expect 'HV-HBV +2 +REPEAT_INVALID +VALID +NEGATIVE'
expect 'HV-HBV +1 +ORIGINAL +INVALID_RUN'
headline 3 --user tech1 run create --method M-HV-PCR --map "$DEMO/plate-2-map.csv" \
  --setup extraction_batch=EX-3 "${VIRUS_SETUP[@]}"
