# Potency by three planned runs: each is recorded, the combination is judged when the third is in.

LOT=SC-2026-0412
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
sign qa1 lot fact $LOT --input "$EXAMPLES/lot-a/facts.csv"

say "a new version of the method plans three runs before the first of them"
sed -e 's/^version: 1$/version: 2/' -e 's/^  runs: 1$/  runs: 3/' -e '/^paper_approval/d' \
  -e "s/^effective_date:.*/effective_date: \"$(TZ=Asia/Shanghai date +%F)\"/" \
  schemas/methods/M-POT-RP.textproto >"$DEMO/M-POT-RP.textproto"
quietly --user md1 method import "$DEMO/M-POT-RP.textproto"
quietly --user md1 method submit M-POT-RP
sign qa1 method approve M-POT-RP

for n in 1 2; do
  LINES_SHOWN=10 run M-POT-RP "$EXAMPLES/potency-run-$n-map.csv" "$EXAMPLES/pot-rp-setup.txt" "$EXAMPLES/potency-run-$n.csv"
  expect "PLANNED_RUN $n/3 .*REPORT_ONLY"
  quietly --user qa1 lot blockers $LOT
  expect "PLANNED_RUN_DUE +POT-RP +TECHNICIAN .*run $((n + 1)) of 3 is due"
done

say "the third run completes the plan: the weighted mean of the logarithms is judged, with its limits"
LINES_SHOWN=60 run M-POT-RP "$EXAMPLES/potency-run-3-map.csv" "$EXAMPLES/pot-rp-setup.txt" "$EXAMPLES/potency-run-3.csv"
expect 'PLANNED_RUN 3/3 .*PASS'
expect 'rests on attempts 1 2 3$'
expect "$LOT POT-RP +combined +[0-9.]+ to [0-9.]+"
headline 0 --user tech1 result show $LOT POT-RP

say "a fourth run would be one more than was planned"
read_setup "$EXAMPLES/pot-rp-setup.txt"
headline 3 --user tech1 run create --method M-POT-RP --map "$EXAMPLES/potency-run-3-map.csv" "${SETUP[@]}"
expect 'needs an approved plan'

say "the combination comes out again"
"$BIN/lims-server" verify --recompute --site "$SITE" >"$DEMO/last" || { cat "$DEMO/last" >&2; exit 1; }
expect '"verified": ?true'
