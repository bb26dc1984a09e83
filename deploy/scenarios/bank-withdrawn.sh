# The release of a bank is withdrawn: in the next call every lot made from it is blocked.

LOT=SC-2026-0531
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP
quietly --user qa1 lot blockers $LOT
if grep -q 'PARENT_NOT_RELEASED' "$DEMO/last"; then echo "the bank is not in order" >&2; exit 1; fi

say "withdrawing is signed by QA or the Qualified Person, with a reason"
headline 3 --user tech1 release withdraw MCB-2025-0001 --reason "not mine" --password-file "$DEMO/tech1.password"
headline 0 --user qa1 release withdraw MCB-2025-0001 --password-file "$DEMO/qa1.password" \
  --reason "donor serology reported late, DEV-2026-14"
LINES_SHOWN=6 headline 0 --user qa1 lot blockers $LOT
expect 'PARENT_NOT_RELEASED +MCB-2025-0001.*WITHDRAWN'
headline 3 --user qp1 release prepare $LOT --decision RELEASE --out "$DEMO/$LOT.manifest"
expect 'PARENT_NOT_RELEASED MCB-2025-0001'
headline 3 --user qa1 release withdraw MCB-2025-0001 --reason "again" --password-file "$DEMO/qa1.password"

say "only a new decision releases it again, on reviews and attestations given since; then the lot is free of it"
headline 3 --user qp2 release prepare MCB-2025-0001 --decision RELEASE --out "$DEMO/MCB-2025-0001.manifest"
expect 'NOT_REVIEWED'
sign rev1 result review MCB-2025-0001
attest MCB-2025-0001 bank
release MCB-2025-0001 qp2
quietly --user qa1 lot blockers $LOT
if grep -q 'PARENT_NOT_RELEASED' "$DEMO/last"; then echo "the bank still blocks" >&2; exit 1; fi
LINES_SHOWN=30 headline 0 --user auditor1 lot history MCB-2025-0001
expect 'WITHDRAW_LOT'
