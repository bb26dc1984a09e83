#include "core/render.h"

#include <gtest/gtest.h>

#include <sstream>

#include "lims/v1/lot.pb.h"
#include "lims/v1/lot_service.pb.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {
namespace {

TEST(Render, WidthCountsChineseAsTwo) {
  EXPECT_EQ(DisplayWidth("pH"), 2U);
  EXPECT_EQ(DisplayWidth("装量"), 4U);
  EXPECT_EQ(DisplayWidth("pH值(标签)"), 4U + 2U + 4U);
  EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1U);  // a combining accent
  EXPECT_EQ(DisplayWidth("\xFF"), 1U);
}

TEST(Render, TableAlignsColumnsWithoutTrailingBlanks) {
  EXPECT_EQ(RenderTable({"LINE", "NAME", "UNIT"}, {{"VOL", "装量", "mL"}, {"PH", "pH", ""}}),
            "LINE  NAME  UNIT\n"
            "VOL   装量  mL\n"
            "PH    pH\n");
  EXPECT_EQ(RenderTable({"A", "B"}, {}, 0), "A  B\n");
  EXPECT_EQ(RenderTable({"A", "B"}, {}, 80), "A  B\nnone\n");
}

// Of the lines, without their end.
std::size_t WidestLine(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    widest = std::max(widest, DisplayWidth(line));
  }
  return widest;
}

TEST(Render, TableFoldsItsWidestColumnToTheTerminal) {
  const std::vector<std::vector<std::string>> rows = {{"PH", "measure the value again", "QA"},
                                                      {"VOL", "weigh", "QP"}};
  EXPECT_EQ(RenderTable({"LINE", "NEXT STEP", "WHO"}, rows, 22),
            "LINE  NEXT STEP    WHO\n"
            "PH    measure the  QA\n"
            "      value again\n"
            "VOL   weigh        QP\n");
  const std::string whole = RenderTable({"LINE", "NEXT STEP", "WHO"}, rows, 0);
  EXPECT_EQ(WidestLine(whole), 34U);
  EXPECT_EQ(RenderTable({"LINE", "NEXT STEP", "WHO"}, rows, 34), whole);
  EXPECT_NE(RenderTable({"LINE", "NEXT STEP", "WHO"}, rows, 33), whole);
}

TEST(Render, ChineseIsFoldedBetweenItsCharacters) {
  EXPECT_EQ(RenderTable({"LINE", "NAME"}, {{"VOL", "装量检查pH值"}}, 12),
            "LINE  NAME\n"
            "VOL   装量检\n"
            "      查pH值\n");
  // An odd column is left over rather than half a character.
  EXPECT_EQ(RenderTable({"LINE", "NAME"}, {{"VOL", "装量检查"}}, 13),
            "LINE  NAME\n"
            "VOL   装量检\n"
            "      查\n");
}

TEST(Render, WhatMayBeCopiedIsNotFolded) {
  const std::string id = "0d9f1c1e-8a43-4b0e-9d3c-6a7b0f1e2d3c";
  const std::string table = RenderTable({"REQUEST", "WHY"}, {{id, "no answer came"}}, 45);
  EXPECT_NE(table.find(id + "  no\n"), std::string::npos) << table;
  EXPECT_LE(WidestLine(table), 45U) << table;
}

TEST(Render, TableThatCannotBeFoldedIsShownCellByCell) {
  EXPECT_EQ(
      RenderTable({"LOT", "SAMPLE", "REASON"},
                  {{"SC-2026-0100", "SC-2026-0100-S1", "label is torn"}, {"A", "", "late"}}, 24),
      "LOT     SC-2026-0100\n"
      "SAMPLE  SC-2026-0100-S1\n"
      "REASON  label is torn\n"
      "\n"
      "LOT     A\n"
      "REASON  late\n");
  EXPECT_EQ(RenderTable({"LOT", "SAMPLE"}, {}, 5), "LOT  SAMPLE\nnone\n");
}

TEST(Render, NothingThatATerminalObeysGetsThrough) {
  EXPECT_EQ(Printable("a\x1b[31mb\nc\td"), "a [31mb c d");
  EXPECT_EQ(Printable("a\u202Eb\u0085c"), "a b c");
  EXPECT_EQ(Printable("a\xff"
                      "b"),
            "a?b");
  EXPECT_EQ(RenderTable({"A"}, {{"x\x1b"}}), "A\nx\n");
}

TEST(Render, ListStandsInOneLine) {
  EXPECT_EQ(Joined(std::vector<std::string>{}), "");
  EXPECT_EQ(Joined(std::vector<std::string>{"PH"}), "PH");
  EXPECT_EQ(Joined(std::vector<std::string>{"PH", "", "OSM"}), "PH, , OSM");
  EXPECT_EQ(Joined(std::vector<std::string>{"", "", "7.2"}), "7.2");
  EXPECT_EQ(Joined(std::vector<int>{1, 2}, [](int n) { return std::to_string(n); }), "1, 2");
}

TEST(Render, EnumsStandWithoutPrefix) {
  EXPECT_EQ(EnumName(v1::VERDICT_OOS_SUSPECTED), "OOS_SUSPECTED");
  EXPECT_EQ(EnumName(v1::ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED), "CHP_HALF_EVEN_ROUNDED");
  EXPECT_EQ(EnumName(v1::VERDICT_UNSPECIFIED), "");
  EXPECT_EQ(EnumName(*v1::Verdict_descriptor(), 77), "77");
  v1::PositionRole role = v1::POSITION_ROLE_UNSPECIFIED;
  EXPECT_EQ(EnumNames(*v1::ResultSource_descriptor(), v1::RESULT_SOURCE_INSTRUMENT_FILE),
            "DIRECT, TRANSCRIBED_PAPER, CONTRACT_LAB");
  EXPECT_TRUE(ParseEnumName("ntc", &role));
  EXPECT_EQ(role, v1::POSITION_ROLE_NTC);
  for (const char* wrong : {"", "UNSPECIFIED", "POSITION_ROLE_NTC", "NT"}) {
    EXPECT_FALSE(ParseEnumName(wrong, &role)) << wrong;
  }
}

TEST(Render, JsonHasEveryFieldUnderItsProtoName) {
  v1::SampleState state = v1::SAMPLE_STATE_TAKEN;
  v1::Sample sample;
  sample.set_sample_id("S1");
  sample.set_state(state);
  const auto json = ToJson(sample);
  EXPECT_EQ(json["sample_id"], "S1");
  EXPECT_EQ(json["state"], "TAKEN");
  EXPECT_EQ(json["purpose"], "");
  EXPECT_EQ(json["taken_by"], "");
  EXPECT_FALSE(json.contains("amount"));  // a message that is not set
  EXPECT_EQ(json.begin().key(), "sample_id");

  v1::GetLotRequest request;
  EXPECT_FALSE(ToJson(request).contains("at_index"));
  request.set_at_index(0);
  EXPECT_EQ(ToJson(request)["at_index"], 0);

  v1::RawFileContent file;
  file.set_content(std::string("\0\xff", 2));
  EXPECT_EQ(ToJson(file)["content"], "AP8=");
}

TEST(Render, MessageShowsWhatIsSet) {
  v1::Lot lot;
  lot.set_lot_id("L1");
  lot.add_parents()->set_lot_id("B1");
  lot.set_disposition(v1::DISPOSITION_QUARANTINE);
  EXPECT_EQ(RenderMessage(lot), "lot_id: L1\nparents:\n  lot_id: B1\ndisposition: QUARANTINE\n");
}

TEST(Render, LinesOfATextStayLines) {
  v1::Lot lot;
  lot.add_parents()->set_lot_id("first line\n\nsecond\x1b line\n");
  lot.set_donor_code("D");
  EXPECT_EQ(RenderMessage(lot),
            "parents:\n  lot_id:\n    first line\n\n    second  line\ndonor_code: D\n");
}

TEST(Render, ErrorNamesEveryViolation) {
  const Error error = MakeError(ErrorReason::kWrongState, "not now",
                                {{"lot", "is void"}, {"sample", "is missing"}});
  EXPECT_EQ(ErrorJson(error).dump(),
            R"({"error":{"reason":"WRONG_STATE","message":"not now","violations":[)"
            R"({"field":"lot","description":"is void"},)"
            R"({"field":"sample","description":"is missing"}]}})");
  EXPECT_EQ(RenderError(error),
            "lims: WRONG_STATE: not now\n  lot: is void\n  sample: is missing\n");
  EXPECT_EQ(RenderError(InvalidArgument("a", "b")), "lims: INVALID_ARGUMENT: a: b\n");
  EXPECT_EQ(RenderError(WrongStates({{"lot A", "lot A is void"}, {"name", "named twice"}})),
            "lims: WRONG_STATE: 2 things stand in the way\n  lot A is void\n"
            "  name: named twice\n");
}

TEST(Render, ExitCodesFollowTheReason) {
  const std::pair<ErrorReason, int> cases[] = {{ErrorReason::kInvalidArgument, 2},
                                               {ErrorReason::kRequestIdReused, 2},
                                               {ErrorReason::kTooLarge, 2},
                                               {ErrorReason::kUnimplementedFormat, 2},
                                               {ErrorReason::kPermissionDenied, 3},
                                               {ErrorReason::kWrongState, 3},
                                               {ErrorReason::kNotReleasable, 3},
                                               {ErrorReason::kSegregation, 3},
                                               {ErrorReason::kChanged, 3},
                                               {ErrorReason::kNotFound, 3},
                                               {ErrorReason::kUnauthenticated, 3},
                                               {ErrorReason::kBusy, 4},
                                               {ErrorReason::kUnavailable, 4},
                                               {ErrorReason::kDataLoss, 5},
                                               {ErrorReason::kVerificationFailed, 5},
                                               {ErrorReason::kInternal, 1}};
  for (const auto& [reason, code] : cases) {
    EXPECT_EQ(ExitCode(reason), code) << ErrorReasonName(reason);
  }
}

}  // namespace
}  // namespace lims::client
