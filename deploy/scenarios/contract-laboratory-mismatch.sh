# A contract laboratory's result is typed twice, blind: the two entries differ, then agree.

LOT=SC-2026-0423
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
read_setup "$EXAMPLES/lot-a/setup/PH.txt"
echo "scan of report CL-2026-0815: pH 7.21" >"$DEMO/CL-2026-0815.txt"
DONE=$(date -u -d '-3 days' +%Y-%m-%d)

say "a copied value needs the scanned report, issuer, number and days of the test"
headline 2 --user tech1 result submit $LOT PH --value 7.21 --unit '[pH]' "${SETUP[@]}" --source CONTRACT_LAB
expect '--report: '

say "tech1 makes the first entry: there is no verdict, and nobody sees the value"
headline 0 --user tech1 result submit $LOT PH --value 7.21 --unit '[pH]' "${SETUP[@]}" --source CONTRACT_LAB \
  --scan "$DEMO/CL-2026-0815.txt" --issuer "Contract laboratory North" --report CL-2026-0815 --performed "$DONE"
quietly --user tech2 result show $LOT PH
if grep -q '7\.21' "$DEMO/last"; then
  echo "the first entry is shown" >&2
  exit 1
fi
quietly --user tech2 lot blockers $LOT
grep -E "SECOND_ENTRY_DUE" "$DEMO/last" | sed "s/^/  /"
expect 'SECOND_ENTRY_DUE +PH +TECHNICIAN'

say "the first person does not make the second entry"
headline 3 --user tech1 result second $LOT PH --value 7.21 --unit '[pH]'
expect 'another person types them'

say "tech2 reads 7.12 from the report: refused, without a word about the first value"
headline 3 --user tech2 result second $LOT PH --value 7.12 --unit '[pH]'
expect 'differs from the first'
if grep -q '7\.21' "$DEMO/last"; then
  echo "the refusal tells the first value" >&2
  exit 1
fi
quietly --user qa1 lot blockers $LOT
expect '1 second entry differed'

say "read again, both agree: the value is judged, and review follows as for any other"
headline 0 --user tech2 result second $LOT PH --value 7.21 --unit '[pH]'
headline 0 --user tech1 result show $LOT PH
expect '7\.21.*PASS'
quietly --user qa1 lot history $LOT
expect 'REFUSE_REENTRY'
sign rev1 result review $LOT PH

say "a method that reads instrument files takes a contract laboratory's report where it says so, never own paper"
echo "scan of report CL-2026-0816: hTERT not detected" >"$DEMO/CL-2026-0816.txt"
REPORT=(--value NOT_DETECTED --scan "$DEMO/CL-2026-0816.txt" --issuer "Contract laboratory North"
  --report CL-2026-0816 --performed "$DONE")
headline 2 --user tech1 result submit $LOT TERT --source TRANSCRIBED_PAPER "${REPORT[@]}"
expect 'TERT takes an instrument file'
headline 0 --user tech1 result submit $LOT TERT --source CONTRACT_LAB "${REPORT[@]}"
headline 3 --user tech2 result second $LOT TERT --value NOT_DETECTED --report CL-2026-0815
expect 'CL-2026-0816'
headline 0 --user tech2 result second $LOT TERT --value NOT_DETECTED --report CL-2026-0816
headline 0 --user rev1 result show $LOT TERT
expect 'NOT_DETECTED.*PASS +CONTRACT_LAB'
say "who reviews opens the scan"
quietly --user rev1 --output json lot show $LOT
RUN=$(sed -n 's/.*"run_id": "\([^"]*\)".*/\1/p' "$DEMO/last" | tail -n 1)
headline 0 --user rev1 run show "$RUN"
expect 'report CL-2026-0816 of Contract laboratory North'
headline 0 --user rev1 run files "$RUN" --out "$DEMO/files"
cmp "$DEMO/files/CL-2026-0816.txt" "$DEMO/CL-2026-0816.txt"
echo "my notes" >"$DEMO/files/CL-2026-0816.txt"
headline 2 --user rev1 run files "$RUN" --out "$DEMO/files"
expect 'is there with other content'
sign rev1 result review $LOT TERT
