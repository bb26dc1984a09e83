# A contract laboratory's result is typed twice, blind: the two entries differ, then agree.

LOT=SC-2026-0423
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
read_setup "$EXAMPLES/lot-a/setup/PH.txt"
echo "scan of report CL-2026-0815: pH 7.21" >"$DEMO/CL-2026-0815.txt"
DONE=$(date -u -d '-3 days' +%Y-%m-%d)

say "a copied value needs the scanned report, issuer, number and days of the test"
headline 2 --user tech1 result submit $LOT PH --value 7.21 --unit '[pH]' "${SETUP[@]}" --source CONTRACT_LAB
expect 'document.report_number'

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
