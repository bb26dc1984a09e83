# A typing error, corrected with evidence by two people: old and new stay, the review is done again.

LOT=SC-2026-0422
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
read_setup "$EXAMPLES/lot-a/setup/PH.txt"
echo "bench sheet 2026-117, photographed: pH 7.21" >"$DEMO/bench-sheet.txt"

say "tech1 types 7.12 for 7.21, and it is reviewed"
headline 0 --user tech1 result submit $LOT PH --value 7.12 --unit '[pH]' "${SETUP[@]}" --instrument "pH meter 3"
sign rev1 result review $LOT PH

say "the slip is seen on the bench sheet; an amendment needs a code, a reason and evidence"
headline 0 --user tech1 result amend $LOT PH --value 7.21 --unit '[pH]' --code TRANSPOSED \
  --reason "digits exchanged at the terminal, see bench sheet 2026-117" --evidence "$DEMO/bench-sheet.txt"
quietly --user qa1 lot blockers $LOT
expect 'AMENDMENT_OPEN +1'

say "who proposed it does not confirm it"
headline 3 --user tech1 result confirm $LOT 1
expect 'another person must confirm'
headline 0 --user tech2 result confirm $LOT 1
headline 0 --user tech1 result show $LOT PH
expect '7\.21.*AMENDED'

say "the review is open again; old and new stand side by side"
quietly --user qa1 lot blockers $LOT
expect 'NOT_REVIEWED +PH'
quietly --user qa1 lot show $LOT
expect '7\.12 \[pH\] +7\.21 \[pH\]'
headline 0 --user rev1 result review $LOT PH --password-file "$DEMO/rev1.password"
expect 'AMENDED'
quietly --user qa1 lot blockers $LOT
if grep -q 'NOT_REVIEWED  *PH' "$DEMO/last"; then
  echo "the reviewed line still blocks the lot" >&2
  exit 1
fi

say "an amendment neither makes nor hides an out-of-specification result"
headline 3 --user tech1 result amend $LOT PH --value 7.91 --unit '[pH]' --code TYPING_ERROR \
  --reason "it was higher, I believe" --evidence "$DEMO/bench-sheet.txt"
expect 'out of specification after'
