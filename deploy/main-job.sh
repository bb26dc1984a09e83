# The main job, sourced by quickstart: two product lots from raw data to a signed, provable decision;
# one is released, one rejected.

say "two product lots from that bank"
for n in 1 2; do
  register "SC-2026-000$n" DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
  sample "SC-2026-000$n" "SC-2026-000$n-S1" RELEASE DP
  sample "SC-2026-000$n" "SC-2026-000$n-S2" VALIDATION DP
done
A=SC-2026-0001
B=SC-2026-0002
sign qa1 lot fact $A --input "$EXAMPLES/lot-a/facts.csv"
sign qa1 lot fact $B --input "$EXAMPLES/lot-b/facts.csv"

say "too early: QA and the Qualified Person see why lot A is not releasable"
LINES_SHOWN=14 headline 0 --user qa1 lot blockers $A
LINES_SHOWN=200 headline 3 --user qp1 release prepare $A --decision RELEASE --out "$DEMO/early.manifest"

say "sterility of both lots by direct inoculation, incubated for 14 x 24 h and read by two people"
read_setup "$EXAMPLES/sterility-setup.txt"
headline 0 --user tech1 run create --method M-STER --map "$EXAMPLES/sterility-map.csv" --started "$(stamp 0 30)" \
  --setup "inoculation_end=$(stamp 0 5)" "${SETUP[@]}" --instrument "isolator 2"
STERILITY=$(sed -n 's/^ *run_id: //p' "$DEMO/last" | head -n 1)

# A standard curve of real data, or the example that the repository ships.
RNASEP_EXPORT=${RNASEP_EXPORT:-$ROOT/../shared/data/qpcr/quantstudio_rtpcr_example04.txt}
if [ -e "$RNASEP_EXPORT" ]; then
  say "real input: a QuantStudio 7 standard curve as a VALIDATION run (its RNase P stands in for the target)"
  echo "  $RNASEP_EXPORT"
  # The map a person would have written before the run, from the plate's own set-up section.
  awk -F'\t' -v a="$A-S2" -v b="$B-S2" '
    BEGIN { print "position,role,sample,target,file_name,dilution,omit_reason" }
    /^\[/ { section = $1 }
    section == "[Results]" && $1 ~ /^[0-9]+$/ { seen[$2] = 1 }
    section == "[Sample Setup]" && $1 ~ /^[0-9]+$/ { order[++n] = $2; name[$2] = $3; task[$2] = $9 }
    END {
      for (i = 1; i <= n; i++) {
        well = order[i]
        role = task[well] == "UNKNOWN" ? "SAMPLE" : task[well]
        sample = role != "SAMPLE" ? "" : (name[well] == "5K" ? a : b)
        print well "," role "," sample ",RNase P," name[well] ",," (well in seen ? "" : "no result in the export")
      }
    }' <(tr -d '\r' <"$RNASEP_EXPORT") >"$DEMO/rnasep-map.csv"
  LINES_SHOWN=60 run M-RNASEP "$DEMO/rnasep-map.csv" "" "$RNASEP_EXPORT"
else
  say "example input: a standard curve as a VALIDATION run (its RNase P stands in for the target)"
  echo "  there is no $RNASEP_EXPORT; RNASEP_EXPORT names a QuantStudio text export to use instead"
  LINES_SHOWN=60 run M-RNASEP "$EXAMPLES/rnasep-standard-curve-map.csv" "" "$EXAMPLES/rnasep-standard-curve.txt"
fi

say "hTERT by RT-qPCR: both lots on one plate; the first plate has an amplified NTC"
LINES_SHOWN=60 run M-TERT "$EXAMPLES/tert-plate-1-map.csv" "$EXAMPLES/tert-setup.txt" "$EXAMPLES/tert-plate-1.txt"
say "the plate is invalid for every lot on it; it is repeated within the method's budget"
LINES_SHOWN=60 run M-TERT "$EXAMPLES/tert-plate-2-map.csv" "$EXAMPLES/tert-setup.txt" "$EXAMPLES/tert-plate-2.txt"

say "human viruses by PCR: both lots on one plate with pseudovirus control, blanks and internal control"
LINES_SHOWN=160 run M-HV-PCR "$EXAMPLES/hv-pcr-lots-map.csv" "$EXAMPLES/hv-pcr-setup.txt" "$EXAMPLES/hv-pcr-lots.csv"

say "potency of both lots: inhibition in two planned runs, each with its own donor of PBMC, judged by their mean"
for lot in a b; do
  LINES_SHOWN=64 run M-POT-LYM "$EXAMPLES/lot-$lot-inhibition-map.csv" "$EXAMPLES/pot-lym-setup.txt" "$EXAMPLES/lot-$lot-inhibition.csv"
  LINES_SHOWN=64 run M-POT-LYM "$EXAMPLES/lot-$lot-inhibition-2-map.csv" "$EXAMPLES/pot-lym-setup-2.txt" "$EXAMPLES/lot-$lot-inhibition-2.csv"
done
say "relative potency of lot A (published DNase ELISA figures, runs 4 and 5)"
LINES_SHOWN=114 run M-POT-RP "$EXAMPLES/dnase-runs-4-5-map.csv" "$EXAMPLES/pot-rp-setup.txt" "$EXAMPLES/dnase-runs-4-5.csv" \
  "$EXAMPLES/dnase-plate-controls.csv"
say "relative potency of lot B: below 80 % is out of specification"
LINES_SHOWN=114 run M-POT-RP "$EXAMPLES/lot-b-potency-map.csv" "$EXAMPLES/pot-rp-setup.txt" "$EXAMPLES/lot-b-potency.csv"

say "the sterility test goes on meanwhile"
while read -r number user readings; do
  day "$number" "$user"
  LINES_SHOWN=5 headline 0 --user "$user" run read "$STERILITY" --input "$EXAMPLES/sterility-$readings.csv" --observed "$(stamp "$number")"
done <<'READINGS'
1 tech1 clear
3 tech2 control-grows
5 tech1 clear
7 tech2 clear
10 tech1 clear
READINGS
day 14
LINES_SHOWN=5 headline 0 --user tech1 run read "$STERILITY" --input "$EXAMPLES/sterility-clear.csv" --observed "$(stamp 14)"
LINES_SHOWN=60 headline 0 --user tech1 run submit "$STERILITY" --setup temperatures_in_range=yes \
  --setup environmental_monitoring_ok=yes --setup procedure_review_ok=yes
LINES_SHOWN=120 headline 0 --user rev1 run show "$STERILITY"

say "the other lines of lot A, one file a panel"
panels $A lot-a STER
headline 0 --user tech1 result show $A PH
say "review by a person who made none of it; attestations by the roles that the specification names"
LINES_SHOWN=14 headline 0 --user rev1 result review $A --password-file "$DEMO/rev1.password"
attest $A lot-a
headline 0 --user qa1 lot blockers $A
say "nothing is left: the Qualified Person certifies lot A"
release $A qp1

say "the history of lot A, exported and verified offline"
LINES_SHOWN=14 headline 0 --user auditor1 lot history $A
headline 0 --user auditor1 audit export $A --out "$DEMO/bundle"
headline 0 audit verify "$DEMO/bundle"
say "a copy in which one reported value was changed"
cp -r "$DEMO/bundle" "$DEMO/bundle-tampered"
TAMPERED=$(grep -l '"line_code":"PH".*"value_reported":"7\.2"' "$DEMO"/bundle-tampered/entries/*.json)
sed -i 's/"value_reported":"7\.2"/"value_reported":"7.9"/' "$TAMPERED"
headline 5 audit verify "$DEMO/bundle-tampered"

say "lot B: what is left of its tests, review and attestations; its relative potency stands in the way"
panels $B lot-b STER
sign rev1 result review $B
attest $B lot-b
LINES_SHOWN=200 headline 3 --user qp1 release prepare $B --decision RELEASE --out "$DEMO/b.manifest"
headline 0 --user qa1 release reject $B --reason "relative potency 62 %, below 80 %" --password-file "$DEMO/qa1.password"

say "the server's own verification, while it serves: hashes, replay of the log against every row, every result calculated again"
"$BIN/lims-server" verify --recompute --site "$SITE" | tee -a "$LOG" | head -c 1500
echo
LINES_SHOWN=8 headline 0 --user auditor1 lot list
