# A look that was never submitted: one plate is looked at, another is submitted, and QA must answer for it.

LOT=SC-2026-0421
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
for file in tert-one-of-three tert-fresh-extraction; do
  sed "s/SC-2026-0411/$LOT/g" "$EXAMPLES/$file.csv" >"$DEMO/$file.csv"
done
sed "s/SC-2026-0411/$LOT/g" "$EXAMPLES/tert-one-of-three-map.csv" >"$DEMO/tert-map.csv"

say "the plate is planned; tech1 looks at two exports before submitting one"
read_setup "$EXAMPLES/tert-setup.txt"
quietly --user tech1 --output json run create --method M-TERT --map "$DEMO/tert-map.csv" "${SETUP[@]}"
RUN=$(json run_id)
LINES_SHOWN=6 headline 0 --user tech1 raw import "$DEMO/tert-one-of-three.csv" --dry-run
quietly --user tech1 raw import "$DEMO/tert-fresh-extraction.csv" --dry-run
quietly --user qa1 lot blockers $LOT
grep -E "LOOK_NOT_SUBMITTED" "$DEMO/last" | sed "s/^/  /"
expect 'LOOK_NOT_SUBMITTED +1 +QA'
expect 'LOOK_NOT_SUBMITTED +2 +QA'

say "while the run is open nobody clears a look: its data may still come"
headline 3 --user qa1 lot clear-look $LOT 1 --reason "export of the training plate"
expect "run $RUN is still open"

say "the second export is submitted: its look is explained, the first is not"
LINES_SHOWN=6 headline 0 --user tech1 run submit "$RUN" --input "$DEMO/tert-fresh-extraction.csv"
expect 'NOT_DETECTED .*PASS'
quietly --user qa1 lot blockers $LOT
grep -E "LOOK_NOT_SUBMITTED" "$DEMO/last" | sed "s/^/  /"
expect 'LOOK_NOT_SUBMITTED +1 +QA'
if grep -q 'LOOK_NOT_SUBMITTED  *2' "$DEMO/last"; then
  echo "the submitted look still blocks the lot" >&2
  exit 1
fi

say "QA asks the technician, sees the instrument's log and clears it with a reason; it stays in the history"
headline 3 --user tech1 lot clear-look $LOT 1 --reason "it was not ours"
headline 0 --user qa1 lot clear-look $LOT 1 --reason "plate of the training run T-12, seen in the instrument's log"
quietly --user qa1 lot blockers $LOT
if grep -q LOOK_NOT_SUBMITTED "$DEMO/last"; then
  echo "the cleared look still blocks the lot" >&2
  exit 1
fi
quietly --user qa1 lot show $LOT
expect 'plate of the training run T-12'
