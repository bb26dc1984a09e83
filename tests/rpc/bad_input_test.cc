// Bad requests over the wire: each is refused with every violation by name, leaves nothing in the
// log, and its request id serves for the corrected request.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "core/input_tables.h"
#include "rpc/records_in_state.h"
#include "support/model_files.h"
#include "support/workbook.h"

namespace lims::rpc {
namespace {

// Part of a violation: its whole field path, and words of its description.
struct Expected {
  std::string field;
  std::string says;
};

class BadInput : public ::testing::Test {
 protected:
  Answer Call(const std::string& user, const Message& request) {
    return server.Call(user, request);
  }

  // Refused as INVALID_ARGUMENT with exactly these violations, in this order, and not recorded.
  void ExpectRefused(const std::string& user, const Message& request,
                     const std::vector<Expected>& expected) {
    server.Session(user);  // a log-in is an event of its own
    const std::int64_t before = server.LogSize();
    const Answer answer = Call(user, request);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << Describe(answer);
    ASSERT_EQ(answer.error.violations.size(), expected.size()) << Describe(answer);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& [field, description] = answer.error.violations[i];
      EXPECT_EQ(field, expected[i].field) << Describe(answer);
      EXPECT_NE(description.find(expected[i].says), std::string::npos) << Describe(answer);
      for (const std::string& named :
           {field, std::string("time"), std::string("date"), std::string("number")}) {
        EXPECT_FALSE(description.starts_with(named + ": ")) << Describe(answer);
      }
    }
    EXPECT_EQ(server.LogSize(), before);
  }

  void ExpectDone(const std::string& user, const Message& request) {
    const Answer answer = Call(user, request);
    EXPECT_TRUE(answer.ok()) << Describe(answer);
  }

  RpcServer server;
  RecordsInState records{server};
};

struct TypedCase {
  std::string name;
  std::string entries;
  std::vector<Expected> violations;
};

std::string Ph(const std::string& value, const std::string& unit = "[pH]", int replicate = 1) {
  return "entries { input: 'PH' replicate: " + std::to_string(replicate) + " value { value: '" +
         value + "' unit: '" + unit + "' } } ";
}

std::vector<TypedCase> TypedCases() {
  const std::string digits35 = "7." + std::string(34, '1');
  const auto no_number = [](const std::string& value, const std::string& says) {
    return TypedCase{"value " + value, Ph(value), {{"entries[0].value", says}}};
  };
  const Expected missing{"entries", "PH replicate 1 is missing"};
  return {
      {"nothing", "", {missing}},
      no_number("1,5", "PH replicate 1: "),
      no_number("NaN", "PH replicate 1: "),
      no_number("Infinity", "PH replicate 1: "),
      no_number("1e400", "PH replicate 1: "),
      no_number("0x10", "PH replicate 1: "),
      no_number("７.２", "PH replicate 1: "),
      no_number(" 7.2", "PH replicate 1: "),
      no_number("7.2 ", "PH replicate 1: "),
      no_number("<7.2", "PH replicate 1: "),
      no_number(digits35, "34"),
      no_number("", "empty is never zero"),
      {"another unit", Ph("7.2", "mL"), {{"entries[0].unit", "given in [pH]"}}},
      {"no unit", Ph("7.2", ""), {{"entries[0].unit", "[pH] is missing"}}},
      {"twice", Ph("7.2") + Ph("7.3"), {{"entries[1].replicate", "already given in entries[0]"}}},
      {"replicate 0", Ph("7.2", "[pH]", 0), {{"entries[0].replicate", "1, 2, 3"}, missing}},
      {"replicate 2", Ph("7.2", "[pH]", 2), {{"entries[0].replicate", "at most 1"}, missing}},
      {"a line that the method does not have",
       Ph("7.2") + "entries { input: 'OSM' replicate: 1 value { value: '290' } }",
       {{"entries[1].input", "takes no"}}},
      {"a control character",
       "entries { input: 'PH' replicate: 1 value { value: '7.2' unit: '[pH]' } "
       "description: 'a\\001b' }",
       {{"entries[0].description", "PH replicate 1"}}},
      {"several at once",
       Ph("1,5", "mL") + Ph("7.2", "") + "entries { input: 'OSM' replicate: 1 }",
       {{"entries[0].value", "PH replicate 1"},
        {"entries[0].unit", "[pH]"},
        {"entries[1].replicate", "already given"},
        {"entries[1].unit", "missing"},
        {"entries[2].input", "OSM"}}},
      {"an implausible value, asked about once",
       Ph("72"),
       {{"entries[0].value.plausibility", "72"}}},
  };
}

TEST_F(BadInput, OfTypedValuesIsRefusedWholeAndMayBeCorrected) {
  for (const TypedCase& each : TypedCases()) {
    SCOPED_TRACE(each.name);
    records.Lot(v1::DISPOSITION_QUARANTINE);
    records.Sample(v1::SAMPLE_STATE_RECEIVED);
    const std::string head = "request_id: '" + NewUuid() + "' lot_id: '" + records.lot() + "' ";
    ExpectRefused("tech1", FromText<v1::SubmitResultRequest>(head + "panel: 'PH' " + each.entries),
                  each.violations);
    ExpectRefused("tech1", FromText<v1::SubmitResultRequest>(head + "panel: 'NONE' " + Ph("7.2")),
                  {{"panel", "has no line or panel NONE"}});
    ExpectDone("tech1", FromText<v1::SubmitResultRequest>(head + "panel: 'PH' " + Ph("7.2")));
  }
}

TEST_F(BadInput, OfAnImplausibleValueIsTakenOnceConfirmed) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  records.Sample(v1::SAMPLE_STATE_RECEIVED);
  auto request = FromText<v1::SubmitResultRequest>("panel: 'PH' " + Ph("72"));
  request.set_lot_id(records.lot());
  request.set_request_id(NewUuid());
  ExpectRefused("tech1", request, {{"entries[0].value.plausibility", "72"}});
  request.set_plausibility_confirmed(true);
  ExpectDone("tech1", request);
}

TEST_F(BadInput, OfALotNamesEveryField) {
  const std::string good =
      "kind: LOT_KIND_MCB product_id: 'P' manufacture_time: '2026-02-01T08:00:00+08:00' "
      "expiry: '2027-02' ";
  for (const std::string id :
       {"", "A/B", "A B", "../A", "A\\n", "批号", "A\\000", "A'",
        "0123456789012345678901234567890123456789012345678901234567890123x"}) {
    SCOPED_TRACE(id);
    auto request = FromText<v1::RegisterLotRequest>(good + "lot_id: \"" + id + "\"");
    request.set_request_id(NewUuid());
    ExpectRefused("tech1", request, {{"lot_id", kIdentifierRule}});
    request.set_lot_id(records.NewName("L-"));
    ExpectDone("tech1", request);
  }
  auto request = FromText<v1::RegisterLotRequest>(
      "lot_id: 'A/B' manufacture_time: '2026-02-30T08:00:00Z' expiry: 'soon' "
      "donor_code: 'Jane Doe' parents { lot_id: 'A' } parents { lot_id: 'A/B' }");
  request.set_request_id(NewUuid());
  ExpectRefused("tech1", request,
                {{"lot_id", "letters"},
                 {"kind", "must be given"},
                 {"manufacture_time", "a day that does not exist"},
                 {"expiry", "soon"},
                 {"donor_code", "never a name"},
                 {"parents[1].lot_id", "not made from itself"}});
  auto later = FromText<v1::RegisterLotRequest>(good + "lot_id: 'L-LATER'");
  later.set_manufacture_time("2126-02-01T08:00:00+08:00");
  later.set_expiry("2127-02");
  later.set_request_id(NewUuid());
  ExpectRefused("tech1", later, {{"manufacture_time", "future"}});
}

TEST_F(BadInput, OfASampleOrARunNamesEveryField) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  auto sample = FromText<v1::PlanSampleRequest>(
      "sample_id: 'S/1' sampling_point: '' amount { value: '0' } container: 'a\\tb'");
  sample.set_lot_id(records.lot());
  sample.set_request_id(NewUuid());
  ExpectRefused("tech1", sample,
                {{"sample_id", "letters"},
                 {"purpose", "must be given"},
                 {"sampling_point", "must be given"},
                 {"container", ""},
                 {"amount.value", "above zero"},
                 {"amount.unit", "is missing: give the amount in one of mL, g, {cells}, {unit}"}});
  sample.mutable_amount()->set_value("1,5");
  sample.mutable_amount()->set_unit("ml");
  sample.set_use_by("soon");
  ExpectRefused("tech1", sample,
                {{"sample_id", "letters"},
                 {"purpose", "must be given"},
                 {"sampling_point", "must be given"},
                 {"container", ""},
                 {"use_by", "soon"},
                 {"amount.value", "has a comma"},
                 {"amount.unit", "cannot be \"ml\": give the amount in one of mL"}});
  auto run = FromText<v1::CreateRunRequest>(
      "method_id: 'M-PH' started_time: '2126-01-01T00:00:00Z' "
      "positions { position: 'A1' role: POSITION_ROLE_SAMPLE sample_id: 'S' dilution: '0.5' } "
      "positions { position: 'A1' role: POSITION_ROLE_NTC sample_id: 'S' } "
      "positions { position: '' dilution: '1,5' }");
  run.set_request_id(NewUuid());
  ExpectRefused("tech1", run,
                {{"positions[0].dilution", "1 or more"},
                 {"positions[1].position", "A1 stands on the map twice"},
                 {"positions[1].sample_id", "only a position with role SAMPLE"},
                 {"positions[2].position", "must name a position"},
                 {"positions[2].role", "must be given"},
                 {"positions[2].dilution", "has a comma"},
                 {"started_time", "future"}});
}

// Of typed values, of a run's map and of its data.
TEST_F(BadInput, OfSetupValuesIsNamedWithTheRest) {
  v1::Method method = app::PhMethod("PH", "setup_checks { name: 'slope' min: '95' unit: '%' }");
  method.set_state(v1::VERSION_STATE_APPROVED);
  server.Put({&method});
  const std::string setup =
      "setup { name: 'slope' value: '9,8' unit: 'mV' } setup { name: 'slope' value: '98' } "
      "setup { name: 'offset' value: '1' } ";
  const std::vector<Expected> refused = {{"setup[0].value", "has a comma"},
                                         {"setup[0].unit", "not in \"mV\""},
                                         {"setup[1].name", "declared twice"},
                                         {"setup[2].name", "does not ask for"}};
  records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string sample = records.Sample(v1::SAMPLE_STATE_RECEIVED);
  auto result = FromText<v1::SubmitResultRequest>("panel: 'PH' " + setup + Ph("7.2", "mL"));
  result.set_lot_id(records.lot());
  result.set_request_id(NewUuid());
  std::vector<Expected> with_entries = {{"entries[0].unit", "given in [pH]"}};
  with_entries.insert(with_entries.end(), refused.begin(), refused.end());
  ExpectRefused("tech1", result, with_entries);
  auto run = FromText<v1::CreateRunRequest>(
      "method_id: 'M-PH' analysts: 'nobody1' analysts: 'nobody2' " + setup +
      "positions { position: 'A1' role: POSITION_ROLE_SAMPLE sample_id: '" + sample + "' }");
  run.set_request_id(NewUuid());
  std::vector<Expected> with_analysts = refused;
  with_analysts.push_back({"analysts", "nobody1"});
  with_analysts.push_back({"analysts", "nobody2"});
  ExpectRefused("tech1", run, with_analysts);
  auto submit = FromText<v1::SubmitRunRequest>(setup);
  submit.set_run_id(records.Run(v1::RUN_STATE_OPEN));
  submit.set_request_id(NewUuid());
  ExpectRefused("tech1", submit, refused);
  submit.clear_setup();
  v1::NamedValue& slope = *submit.add_setup();
  slope.set_name("slope");
  slope.set_value("98");
  ExpectDone("tech1", submit);
}

TEST_F(BadInput, OfAReadingNamesEveryField) {
  const std::string head = "run_id: '" + records.Run(v1::RUN_STATE_OPEN, "", false) + "' ";
  auto request = FromText<v1::RecordReadingRequest>(
      head +
      "observed_time: 'noon' entries { position: '1' target: 'PH' } "
      "entries { position: '1' target: 'PH' value { value: '7.0' unit: '[pH]' } }");
  request.set_request_id(NewUuid());
  ExpectRefused("tech1", request,
                {{"observed_time", ""},
                 {"entries[0].value", "never zero"},
                 {"entries[1].position", "read twice"}});
  request = FromText<v1::RecordReadingRequest>(
      head +
      "observed_time: '2026-02-28T12:00:00Z' "
      "entries { position: '1' target: 'PH' value { value: '7.0' unit: '[pH]' } } "
      "entries { position: '2' target: 'PH' value { value: '7.0' unit: '[pH]' } } "
      "entries { position: '1' target: 'OSM' value { value: '7.0' unit: '[pH]' } }");
  request.set_request_id(NewUuid());
  ExpectRefused("tech1", request,
                {{"entries[1].position", "2 is not on the run's map"},
                 {"entries[2].position", "1 is not on the run's map"},
                 {"entries[2].target", "takes no"}});
  request.mutable_entries()->DeleteSubrange(1, 2);
  ExpectDone("tech1", request);
}

TEST_F(BadInput, OfAReadingHasNoOtherUnitAndNoOtherNumbersThanTypedValues) {
  const std::string head = "run_id: '" + records.Run(v1::RUN_STATE_OPEN, "", false) +
                           "' request_id: '" + NewUuid() +
                           "' observed_time: '2026-02-28T12:00:00Z' entries { position: '1' "
                           "target: 'PH' ";
  const std::string good = head + "value { value: '7.1' unit: '[pH]' } }";
  for (const std::string number : {"1,5", "NaN", "1e400", "abc", " 7.1"}) {
    ExpectRefused("tech1",
                  FromText<v1::RecordReadingRequest>(head + "value { value: '" + number +
                                                     "' unit: '[pH]' } }"),
                  {{"entries[0].value", "PH: "}});
  }
  ExpectRefused("tech1",
                FromText<v1::RecordReadingRequest>(head + "value { value: '7.1' unit: 'kg' } }"),
                {{"entries[0].unit", "not in \"kg\""}});
  ExpectRefused(
      "tech1",
      FromText<v1::RecordReadingRequest>(head + "value { value: '1,5' } description: 'a\\001b' }"),
      {{"entries[0].value", "PH: "},
       {"entries[0].unit", "[pH] is missing"},
       {"entries[0].description", "PH"}});
  ExpectDone("tech1", FromText<v1::RecordReadingRequest>(good));
}

// Proto3 keeps numbers of an enum that it does not know; the log has no name for them.
TEST_F(BadInput, OfAnUnknownEnumValueNamesTheField) {
  auto request = FromText<v1::AddUserRequest>(
      "user_id: 'x1' name: 'A B' one_time_code: 'one-time code, long enough'");
  request.set_request_id(NewUuid());
  request.set_role(static_cast<v1::Role>(99));
  ExpectRefused("admin1", request, {{"role", "not a value of Role"}});
  request.set_role(v1::ROLE_QA);
  ExpectDone("admin1", request);
}

// Whoever knows more than this server is told so, and never half understood; also by reads, streams
// and what is answered without a record.
TEST_F(BadInput, OfAnUnknownFieldIsRefusedByEveryMethod) {
  for (const MethodDescriptor* method : AllMethods()) {
    SCOPED_TRACE(NameOf(*method));
    const auto request = MakeRequest(*method, "");
    request->GetReflection()->MutableUnknownFields(request.get())->AddVarint(999, 1);
    const std::string session = server.Session("tech1");
    const std::int64_t before = server.LogSize();
    const Answer answer = CallWith(server.console(), session, *method, *request);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << Describe(answer);
    ASSERT_EQ(answer.error.violations.size(), 1u) << Describe(answer);
    EXPECT_EQ(answer.error.violations[0].field, "message");
    EXPECT_EQ(answer.error.violations[0].description, "unknown fields");
    EXPECT_EQ(server.LogSize(), before);
  }
}

TEST_F(BadInput, OfAnIntentIsRefusedByNameBeforeItIsShown) {
  const std::string lot = records.Lot(v1::DISPOSITION_QUARANTINE);
  v1::PrepareSignatureRequest prepare;
  v1::HoldIntent& hold = *prepare.mutable_intent()->mutable_hold();
  hold.set_lot_id(lot);
  hold.set_reason("a question");
  auto* unknown = hold.GetReflection()->MutableUnknownFields(&hold);
  unknown->AddVarint(999, 1);
  ExpectRefused("qa1", prepare, {{"intent.hold", "unknown fields"}});
  unknown->Clear();
  ExpectDone("qa1", prepare);
  hold.set_reason("a\u202equestion");
  ExpectRefused("qa1", prepare, {{"intent.hold.reason", "U+202E"}});
  v1::ReleaseIntent& release = *prepare.mutable_intent()->mutable_release();
  release.set_lot_id(lot);
  release.set_decision(static_cast<v1::Decision>(99));
  ExpectRefused("qp1", prepare, {{"intent.release.decision", "not a value of Decision"}});
}

// What people and instruments name stands in the record as it was given.
TEST_F(BadInput, OfNamesAndReasonsOfARunIsNamedByField) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string sample = records.Sample(v1::SAMPLE_STATE_RECEIVED);
  const std::string positions =
      "positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' sample_id: '" + sample +
      "' ";
  const std::string head = "method_id: 'M-PH' request_id: '" + NewUuid() + "' ";
  ExpectRefused("tech1",
                FromText<v1::CreateRunRequest>(
                    head + "instrument: 'QS7 \\x1b[2J' " + positions +
                    "file_name: 'S\\u202e1' omit_reason: ' ' } "
                    "positions { position: '2' role: POSITION_ROLE_NTC target: 'P\\tH' "
                    "omit_reason: 'x' }"),
                {{"positions[0].file_name", "U+202E"},
                 {"positions[0].omit_reason", "blank"},
                 {"positions[1].target", "U+0009"},
                 {"positions[1].omit_reason", "at least three characters"},
                 {"instrument", "U+001B"}});
  const std::string long_name(201, 'x');
  ExpectRefused("tech1",
                FromText<v1::CreateRunRequest>(head + "instrument: '" + long_name + "' " +
                                               positions + "file_name: '" + long_name + "' }"),
                {{"positions[0].file_name", "at most 200"}, {"instrument", "at most 200"}});
  const std::string longest_name(200, 'x');
  ExpectDone("tech1", FromText<v1::CreateRunRequest>(head + "instrument: '" + longest_name + "' " +
                                                     positions + "}"));
  records.Lot(v1::DISPOSITION_QUARANTINE);
  records.Sample(v1::SAMPLE_STATE_RECEIVED);
  const std::string typed =
      "lot_id: '" + records.lot() + "' request_id: '" + NewUuid() + "' panel: 'PH' " + Ph("7.2");
  ExpectRefused("tech1", FromText<v1::SubmitResultRequest>(typed + "instrument: 'pH\\xc2\\x85'"),
                {{"instrument", "U+0085"}});
  ExpectDone("tech1", FromText<v1::SubmitResultRequest>(typed + "instrument: 'pH 7'"));
}

TEST_F(BadInput, OfAMethodNotInForceIsRefusedByName) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string draft = records.Method(v1::VERSION_STATE_DRAFT);
  auto request = FromText<v1::CreateRunRequest>(
      "positions { position: 'A1' role: POSITION_ROLE_SAMPLE sample_id: '" +
      records.Sample(v1::SAMPLE_STATE_RECEIVED) + "' }");
  request.set_request_id(NewUuid());
  for (const auto& [method, code] : {std::pair(draft, grpc::StatusCode::FAILED_PRECONDITION),
                                     std::pair(std::string("NONE"), grpc::StatusCode::NOT_FOUND)}) {
    request.set_method_id(method);
    server.Session("tech1");  // a log-in is an event of its own
    const std::int64_t before = server.LogSize();
    const Answer answer = Call("tech1", request);
    // A wrong state is noted as a refusal, an unknown name is not.
    EXPECT_EQ(server.LogSize() - before, code == grpc::StatusCode::FAILED_PRECONDITION ? 1 : 0);
    EXPECT_EQ(answer.status.error_code(), code) << Describe(answer);
    EXPECT_NE(answer.error.message.find(method), std::string::npos) << Describe(answer);
  }
  request.set_method_id("M-PH");
  ExpectDone("tech1", request);
}

TEST_F(BadInput, OfASampleThatWasRejectedIsRefusedByNameAndState) {
  records.Lot(v1::DISPOSITION_QUARANTINE);
  const std::string sample = records.Sample(v1::SAMPLE_STATE_REJECTED);
  auto request = FromText<v1::SubmitResultRequest>("panel: 'PH' " + Ph("7.2"));
  request.set_lot_id(records.lot());
  request.set_sample_id(sample);
  request.set_request_id(NewUuid());
  server.Session("tech1");
  const std::int64_t before = server.LogSize();
  const Answer answer = Call("tech1", request);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION) << Describe(answer);
  EXPECT_NE(answer.error.message.find(sample + " is REJECTED"), std::string::npos)
      << Describe(answer);
  EXPECT_EQ(server.LogSize(), before + 1);  // that it was refused
  request.set_sample_id(records.Sample(v1::SAMPLE_STATE_RECEIVED));
  ExpectDone("tech1", request);
}

// A run of the example standard curve; its file is damaged in many ways.
class BadFile : public BadInput {
 protected:
  void SetUp() override {
    const std::string name = records.NewName("S-");
    v1::Method method = ReadTextProto<v1::Method>(kSchemas / "methods/M-RNASEP.textproto");
    method.set_state(v1::VERSION_STATE_APPROVED);
    method.set_validation_state(v1::VALIDATION_STATE_VALIDATED);
    server.Put({&method});
    records.Lot(v1::DISPOSITION_QUARANTINE);
    const std::string sample = records.Sample(v1::SAMPLE_STATE_RECEIVED);
    const auto map =
        client::ParseRunMap(ReadFile(kSchemas / "examples/rnasep-standard-curve-map.csv"));
    ASSERT_TRUE(map);
    v1::CreateRunRequest create;
    create.set_request_id(NewUuid());
    create.set_method_id("M-RNASEP");
    for (v1::RunPosition position : *map) {
      if (!position.sample_id().empty()) position.set_sample_id(sample);
      *create.add_positions() = position;
    }
    const Answer answer = Call("tech1", create);
    ASSERT_TRUE(answer.ok()) << Describe(answer);
    submit.set_request_id(NewUuid());
    submit.set_run_id(static_cast<const v1::CreateRunResponse&>(*answer.response).run().run_id());
    submit.add_files()->set_file_name("curve.txt");
  }

  void ExpectRefusedFile(const std::string& content, const std::vector<Expected>& expected) {
    submit.mutable_files(0)->set_content(content);
    ExpectRefused("tech1", submit, expected);
  }

  // The row of a well in the results of the example, with its line end.
  std::string Row(const std::string& well) const {
    const std::size_t from = good.rfind('\n', good.find("\t" + well + "\t", Results())) + 1;
    return good.substr(from, good.find('\n', from) + 1 - from);
  }
  std::size_t Results() const { return good.find("[Results]"); }

  // The example with `from` replaced in the row of a well.
  std::string With(const std::string& well, const std::string& from, const std::string& to) const {
    std::string row = Row(well);
    const std::size_t at = row.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    row.replace(at, from.size(), to);
    return std::string(good).replace(good.rfind(Row(well)), Row(well).size(), row);
  }

  // "line 66", of the results' row of a well; `further` lines were put before it.
  std::string Line(const std::string& well, int further = 0) const {
    const auto end = good.begin() + static_cast<std::ptrdiff_t>(good.rfind(Row(well)));
    return "line " + std::to_string(std::count(good.begin(), end, '\n') + 1 + further);
  }

  const std::string good = ReadFile(kSchemas / "examples/rnasep-standard-curve.txt");
  v1::SubmitRunRequest submit;
};

TEST_F(BadFile, IsRefusedWithLineAndColumnAndMayBeCorrected) {
  ASSERT_NE(Results(), std::string::npos);
  const std::string cq = Line("C1") + ", column 9";
  const std::string g3 = "position G3, target RNase P";
  std::string two_cells = With("C1", "27.230", "27,230");
  two_cells.replace(two_cells.find("26.173"), 6, "NaN");
  const struct {
    std::string name;
    std::string content;
    std::vector<Expected> violations;
  } cases[] = {
      {"cut before the results", good.substr(0, Results()), {{"file", "no section [Results]"}}},
      {"cut before the last Cq",
       good.substr(0, good.rfind("Undetermined")),
       {{Line("G3"), "the export is cut"}}},
      {"another format",
       "line,replicate,value,unit\nRNASEP,1,7,\n",
       {{"files[0]", "\"curve.txt\" is panel_csv; method M-RNASEP takes quantstudio_text"}}},
      {"empty",
       "",
       {{"files[0]", "\"curve.txt\" is empty; method M-RNASEP takes quantstudio_text"}}},
      {"a well twice",
       With("A1", Row("A1"), Row("A1") + Row("A1")),
       {{Line("A1", 1) + ", column 2", "stands in " + Line("A1") + " already"}}},
      {"a well not on the map",
       With("G3", "G3", "H9"),
       {{Line("G3"), "not on the map"}, {g3, "has no data"}}},
      {"another name in a well", With("F1", "VAL-A", "VAL-B"), {{Line("F1"), "the map expects"}}},
      {"a position without result", With("G3", Row("G3"), ""), {{g3, "not omitted"}}},
      {"a decimal comma", With("C1", "27.230", "27,230"), {{cq, "has a comma"}}},
      {"not a number", With("C1", "27.230", "NaN"), {{cq, "is not a number"}}},
      {"too large", With("C1", "27.230", "1e400"), {{cq, "outside the range"}}},
      {"35 digits", With("C1", "27.230", "27." + std::string(33, '2')), {{cq, "34"}}},
      {"no Cq", With("C1", "27.230", ""), {{cq, "is empty"}}},
      {"two cells",
       two_cells,
       {{Line("B3") + ", column 9", "is not a number"}, {cq, "has a comma"}}},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    ExpectRefusedFile(each.content, each.violations);
  }
  submit.add_files()->set_file_name("second.txt");
  submit.mutable_files(1)->set_content(two_cells);
  ExpectRefusedFile(With("C1", "27.230", "NaN"),
                    {{"file 1 (curve.txt), " + cq, "is not a number"},
                     {"file 2 (second.txt), " + Line("B3") + ", column 9", "is not a number"},
                     {"file 2 (second.txt), " + cq, "has a comma"}});
  submit.mutable_files(1)->set_content("line,replicate,value,unit\nRNASEP,1,7,\n");
  ExpectRefusedFile(With("C1", "27.230", "NaN"),
                    {{"file 1 (curve.txt), " + cq, "is not a number"},
                     {"files[1]", "\"second.txt\" is panel_csv; method M-RNASEP takes"}});
  submit.mutable_files(1)->clear_content();
  ExpectRefusedFile(good, {{"files[1]", "\"second.txt\" is empty"}});
  submit.mutable_files()->RemoveLast();
  for (const std::string content : {"hello", "\x89PNG\r\n"}) {
    submit.mutable_files(0)->set_content(content);
    const Answer answer = Call("tech1", submit);
    EXPECT_EQ(answer.error.reason, ErrorReason::kUnimplementedFormat) << Describe(answer);
    ASSERT_EQ(answer.error.violations.size(), 1u) << Describe(answer);
    EXPECT_EQ(answer.error.violations[0].field, "files[0]");
    EXPECT_EQ(answer.error.violations[0].description,
              "\"curve.txt\" is in no format that is read here; method M-RNASEP takes "
              "quantstudio_text");
  }
  submit.mutable_files(0)->set_content(std::string((std::size_t{64} << 10) + 1, 'x'));
  EXPECT_EQ(Call("tech1", submit).error.reason, ErrorReason::kTooLarge);
  submit.mutable_files(0)->set_content("");
  submit.mutable_files(0)->set_sha256(std::string(64, 'a'));
  EXPECT_FALSE(Call("tech1", submit).ok());
  submit.mutable_files(0)->clear_sha256();
  submit.mutable_files(0)->set_content(good);
  ExpectDone("tech1", submit);
}

TEST_F(BadFile, HasANameThatCanBeShown) {
  for (const std::string name : {"cur\u202eve.txt", "curve\n.txt", " curve.txt"}) {
    submit.mutable_files(0)->set_file_name(name);
    ExpectRefusedFile(good, {{"files[0].file_name", ""}});
  }
  submit.mutable_files(0)->set_file_name(std::string(201, 'x'));
  ExpectRefusedFile(good, {{"files[0].file_name", "at most 200"}});
  submit.mutable_files(0)->set_file_name("标准曲线 1.txt");
  ExpectDone("tech1", submit);
}

// Well-formed spreadsheets with what no instrument writes.
TEST_F(BadFile, ThatIsAWorkbookDoesNotEndTheServer) {
  const std::vector<std::string> header = {"Well", "Sample", "Target", "Cq", "Omit"};
  const std::vector<std::string> row = {"A1", "VAL-A", "RNase P", "27.2", "false"};
  v1::Method method = *server.Find<v1::Method>({"M-RNASEP", 1});
  method.add_formats("quantstudio_xlsx");
  server.Put({&method});
  submit.mutable_files(0)->set_file_name("curve.xlsx");
  const std::string omitted = "line 3, column 3";
  ExpectRefusedFile(
      PackWorkbook(ResultsWorkbook({header, row, {"P24", "x", "\xb5-actin", "", "true"}})),
      {{omitted, "not valid UTF-8"}});

  WorkbookParts parts = ResultsWorkbook({header, row});
  parts["xl/sharedStrings.xml"] = NestedTexts(100'000);
  v1::ImportRawRequest look;
  look.set_request_id(NewUuid());
  look.set_file_name("curve.xlsx");
  look.set_content(PackWorkbook(parts));
  ExpectDone("tech1", look);

  std::vector<std::vector<std::string>> rows = {header, row};
  rows.resize(402, {"P24", "x", "aβ-肌动蛋白", "", "true"});
  look.set_request_id(NewUuid());
  look.set_content(PackWorkbook(ResultsWorkbook(rows)));
  ExpectDone("tech1", look);
}

}  // namespace
}  // namespace lims::rpc
