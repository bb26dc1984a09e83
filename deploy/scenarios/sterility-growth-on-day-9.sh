# Sterility with growth on day 9: the lot is held the moment it is read, and no repeat takes it away.

LOT=SC-2026-0402
register $LOT DRUG_PRODUCT "$MADE" "$EXPIRES" --parent MCB-2025-0001
sample $LOT $LOT-S1 RELEASE DP

cat >"$DEMO/sterility-map.csv" <<MAP
position,role,sample,target
FTM-1,SAMPLE,$LOT-S1,FTM
TSB-1,SAMPLE,$LOT-S1,TSB
FTM-NEG,NEGATIVE_CONTROL,,FTM
TSB-NEG,NEGATIVE_CONTROL,,TSB
FTM-POS,POSITIVE_CONTROL,,FTM
MAP
{
  echo position,value
  printf '%s,NO_GROWTH\n' FTM-1 TSB-1 FTM-NEG TSB-NEG
  echo FTM-POS,GROWTH
} >"$DEMO/clear-control-grows.csv"
cat >"$DEMO/growth.csv" <<READ
position,value,description
FTM-1,NO_GROWTH,
TSB-1,GROWTH,"fluffy turbidity at the bottom, white"
FTM-NEG,NO_GROWTH,
TSB-NEG,NO_GROWTH,
READ

read_setup "$EXAMPLES/sterility-setup.txt"
quietly --user tech1 --output json run create --method M-STER --map "$DEMO/sterility-map.csv" \
  --started "$(stamp 0 30)" --setup "inoculation_end=$(stamp 0 5)" "${SETUP[@]}"
RUN=$(json run_id)

day 3
quietly --user tech2 run read "$RUN" --input "$DEMO/clear-control-grows.csv" --observed "$(stamp 3)"

day 9
say "growth acts while the run is still open"
LINES_SHOWN=6 headline 0 --user tech2 run read "$RUN" --input "$DEMO/growth.csv" --observed "$(stamp 9)"
expect 'BIOSAFETY'
LINES_SHOWN=10 headline 0 --user qa1 lot blockers $LOT
expect 'HOLD'
expect 'POSITIVE_READING'
LINES_SHOWN=5 headline 0 --user tech1 run worklist --lot $LOT
expect "SUBMIT +TECHNICIAN +$RUN"
say "it is not aborted away"
headline 3 --user sup1 run abort "$RUN" --reason "start again"
expect 'it is not aborted'
say "submitted on day 9: out of specification, whatever was not finished"
headline 0 --user tech1 run submit "$RUN" --setup temperatures_in_range=yes \
  --setup environmental_monitoring_ok=yes --setup procedure_review_ok=yes
expect 'VALID +STER .*GROWTH .*OOS_SUSPECTED'
LINES_SHOWN=10 headline 0 --user qa1 lot blockers $LOT
expect 'OOS +STER'
say "a second test needs more than a wish"
headline 3 --user tech1 run create --method M-STER --map "$DEMO/sterility-map.csv" --started "$(stamp 9)"
