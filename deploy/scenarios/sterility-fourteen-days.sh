# Sterility over 14 days, read by three people: one reading is missed, one is entered late; no growth.

LOT=SC-2026-0401
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
grep -v NEGATIVE_CONTROL "$DEMO/sterility-map.csv" >"$DEMO/no-control-map.csv"
{
  echo position,value
  printf '%s,NO_GROWTH\n' FTM-1 TSB-1 FTM-NEG TSB-NEG
} >"$DEMO/clear.csv"
{
  cat "$DEMO/clear.csv"
  echo FTM-POS,GROWTH
} >"$DEMO/clear-control-grows.csv"
printf 'position,value\nFTM-9,NO_GROWTH\n' >"$DEMO/other-bottle.csv"

read_setup "$EXAMPLES/sterility-setup.txt"
say "a map without negative control is refused"
headline 2 --user tech1 run create --method M-STER --map "$DEMO/no-control-map.csv" "${SETUP[@]}"
expect 'no NEGATIVE_CONTROL in FTM'
say "the test is started; the hours count from the end of inoculation"
quietly --user tech1 --output json run create --method M-STER --map "$DEMO/sterility-map.csv" \
  --started "$(stamp 0 30)" --setup "inoculation_end=$(stamp 0 5)" "${SETUP[@]}" --instrument "isolator 2"
RUN=$(json run_id)
LINES_SHOWN=5 headline 0 --user tech1 run worklist --lot $LOT
expect "LOOK +TECHNICIAN +$RUN"

day 1
quietly --user tech1 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 1)"
day 3
say "a second person reads: the positive control has grown"
LINES_SHOWN=6 headline 0 --user tech2 run read "$RUN" --input "$DEMO/clear-control-grows.csv" --observed "$(stamp 3)"
say "refused: a bottle that is not on the map, a reading in the future, one before the last"
headline 2 --user tech2 run read "$RUN" --input "$DEMO/other-bottle.csv" --observed "$(stamp 3)"
expect "FTM-9 is not on the run's map"
headline 2 --user tech2 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 4)"
expect 'lies in the future'
headline 2 --user tech2 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 3 60)"
expect 'readings go forward in time'

day 9
say "the reading of day 5 was not made; the one of day 7 was made and not entered: late, with a reason"
headline 2 --user sup1 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 7)"
expect 'late-reason'
LINES_SHOWN=6 headline 0 --user sup1 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 7)" \
  --late-reason "terminal of the isolator room was down, taken from the bench sheet"
LINES_SHOWN=6 headline 0 --user qa1 lot blockers $LOT
expect 'LATE_ENTRY'
headline 3 --user tech1 run clear "$RUN" --readings 3 --reason "mine"
LINES_SHOWN=6 headline 0 --user qa1 run clear "$RUN" --readings 3 --reason "bench sheet STER-0401 page 2 seen, times agree"

day 10
quietly --user tech2 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 10)"
say "ten days are no verdict"
headline 3 --user tech2 run submit "$RUN" --setup temperatures_in_range=yes \
  --setup environmental_monitoring_ok=yes --setup procedure_review_ok=yes
expect 'is not finished'

day 14
say "the last reading, after 14 x 24 h"
LINES_SHOWN=5 headline 0 --user tech1 run worklist --lot $LOT --shift "$(stamp 13)"
expect "LAST_LOOK +TECHNICIAN +$RUN"
quietly --user tech1 run read "$RUN" --input "$DEMO/clear.csv" --observed "$(stamp 14)"
headline 0 --user tech1 run submit "$RUN" --setup temperatures_in_range=yes \
  --setup environmental_monitoring_ok=yes --setup procedure_review_ok=yes
expect 'VALID +STER .*NO_GROWTH .*PASS +LOOK_MISSED'
headline 0 --user rev1 run show "$RUN"
say "the person who only read may not review it"
headline 3 --user sup1 result review $LOT STER --password-file "$DEMO/sup1.password"
sign rev1 result review $LOT STER
