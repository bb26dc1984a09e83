#include "assay/reported.h"

#include <gtest/gtest.h>

#include "assay/entries.h"
#include "assay_input.h"
#include "base/text.h"

namespace lims::assay {
namespace {

v1::Method RunMethod() {
  return FromText<v1::Method>(R"pb(
    method_id: "M-V"
    version: 3
    panel: "V"
    assay: "virus_panel"
    assay_version: "1"
    lines_from_report: true
    outputs {
      line_code: "V-HBV"
      input: "HBV"
      codes: [ "NEGATIVE", "INDETERMINATE", "POSITIVE" ]
    }
    outputs { line_code: "V-COPIES" input: "COPIES" }
    parameters { name: "cq_cutoff" value: "38" }
    setup_checks { name: "extraction_batch" text: true meaning: "Batch" }
    method_repeat {
      count: 1
      instruction: "from a fresh extraction"
      fresh_setup: "extraction_batch"
      code_when_again: "POSITIVE"
    }
    formats: "cq_csv"
  )pb");
}

v1::Method ReportMethod() {
  const auto code = FromText<v1::SpecificationLine>(R"pb(
    line_code: "V-HBV"
    result_kind: RESULT_KIND_OBSERVATION
    criteria { accepted_codes: "NEGATIVE" inconclusive_codes: "INDETERMINATE" }
    codes { code: "NEGATIVE" }
    codes { code: "POSITIVE" }
    codes { code: "INDETERMINATE" }
  )pb");
  const auto number = FromText<v1::SpecificationLine>(R"pb(
    line_code: "V-COPIES"
    result_kind: RESULT_KIND_QUALIFIED_DECIMAL
    unit: "{copies}/ug"
    applicability { fact: "gene_modified" value: "yes" }
  )pb");
  return MethodForReport(RunMethod(), {&code, &number});
}

using Entries = google::protobuf::RepeatedPtrField<v1::TypedEntry>;

void Add(Entries& entries, const std::string& line, const std::string& value,
         const std::string& unit = "", int replicate = 1) {
  v1::TypedEntry& entry = *entries.Add();
  entry.set_input(line);
  entry.set_replicate(replicate);
  *entry.mutable_value() = Measured(value, unit);
}

v1::SampleComputation Computed(const Entries& entries, bool repeat = false) {
  v1::AssayInput input;
  *input.mutable_method() = ReportMethod();
  for (v1::Datum& datum : DataOfEntries(input.method(), entries, "S1")) {
    *input.add_data() = std::move(datum);
  }
  input.add_facts()->set_sample_id("S1");
  input.mutable_facts(0)->set_method_repeat(repeat);
  const v1::Computation found = Compute(input);
  EXPECT_EQ(found.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(found.assay(), "reported");
  EXPECT_EQ(found.samples_size(), 1);
  return found.samples(0);
}

TEST(Reported, AsksForLinesAndForNothingOfTheRun) {
  const v1::Method method = ReportMethod();
  EXPECT_TRUE(method.setup_checks().empty());
  EXPECT_TRUE(method.formats().empty());
  EXPECT_TRUE(method.method_repeat().fresh_setup().empty());
  EXPECT_EQ(method.method_repeat().count(), 1);
  // The hash of a recorded input holds it, and a later calculator must find the same hash.
  EXPECT_EQ(method.assay_version(), "");
  ASSERT_EQ(method.outputs_size(), 2);
  EXPECT_EQ(method.outputs(1).needs_fact(), "gene_modified");
}

TEST(Reported, EntriesAreOfTheLines) {
  struct Case {
    const char* line;
    const char* value;
    const char* unit;
    int replicate;
    Names fields;
  };
  const Case cases[] = {
      {"V-COPIES", "<50", "{copies}/ug", 1, {}},
      {"V-COPIES", "50", "{copies}", 1, {"entries[1].unit"}},
      {"V-COPIES", "50", "", 1, {"entries[1].unit"}},
      {"V-COPIES", "NOT_DETECTED", "{copies}/ug", 1, {"entries[1].value"}},
      {"V-COPIES", "50", "{copies}/ug", 2, {"entries[1].replicate", "entries"}},
      {"V-HBV", "NEGATIVE", "", 1, {"entries[1].replicate"}},
      {"COPIES", "50", "{copies}/ug", 1, {"entries[1].input"}},
  };
  for (const Case& each : cases) {
    Entries entries;
    Add(entries, "V-HBV", "NEGATIVE");
    Add(entries, each.line, each.value, each.unit, each.replicate);
    EXPECT_EQ(Fields(CheckEntries(ReportMethod(), entries)), each.fields)
        << each.line << " " << each.value << " " << each.unit << " " << each.replicate;
  }
  Entries entries;
  Add(entries, "V-HBV", "DETECTED");
  EXPECT_EQ(Fields(CheckEntries(ReportMethod(), entries)), Names{"entries[0].value"});
  entries.Clear();
  Add(entries, "V-COPIES", "50", "{copies}/ug");
  EXPECT_EQ(Sentences(CheckEntries(ReportMethod(), entries)),
            Names{"entries: V-HBV replicate 1 is missing"});
}

TEST(Reported, ValueIsWhatWasReported) {
  Entries entries;
  Add(entries, "V-HBV", "NEGATIVE");
  Add(entries, "V-COPIES", "<50.0", "{copies}/ug");
  const v1::SampleComputation sample = Computed(entries);
  EXPECT_EQ(sample.outcome(), v1::OUTCOME_VALID);
  EXPECT_EQ(Reported(sample, "V-HBV"), "NEGATIVE");
  EXPECT_EQ(Reported(sample, "V-COPIES"), "<50.0");
  EXPECT_EQ(sample.reportables(1).unit(), "{copies}/ug");
  EXPECT_EQ(sample.reportables(1).individuals(0), "<50.0");
  EXPECT_EQ(sample.reportables(0).inconclusive(), "");
}

TEST(Reported, InconclusiveCodeOfARepeatIsTheCodeOfTheMethod) {
  Entries entries;
  Add(entries, "V-HBV", "INDETERMINATE");
  const v1::SampleComputation first = Computed(entries);
  EXPECT_EQ(Reported(first, "V-HBV"), "INDETERMINATE");
  EXPECT_EQ(first.reportables(0).inconclusive(), "INDETERMINATE was reported");
  const v1::SampleComputation again = Computed(entries, true);
  EXPECT_EQ(Reported(again, "V-HBV"), "POSITIVE");
  EXPECT_EQ(again.reportables(0).individuals(0), "INDETERMINATE");
  EXPECT_EQ(again.reportables(0).inconclusive(), "");
  ASSERT_EQ(again.flags_size(), 1);
  EXPECT_EQ(again.flags(0), "INCONCLUSIVE_AGAIN");
}

TEST(Reported, StandsForOneRunOfAMethodThatReadsFiles) {
  const auto fields = [](const v1::Method& method) {
    Names of_report;
    for (const std::string& field : Fields(CheckParameters(method))) {
      if (field == "method.lines_from_report" || field == "method.assay") {
        of_report.push_back(field);
      }
    }
    return of_report;
  };
  v1::Method method = RunMethod();
  EXPECT_EQ(fields(method), Names{});
  method.mutable_run_plan()->set_runs(3);
  EXPECT_EQ(fields(method), Names{"method.lines_from_report"});
  method.set_lines_from_report(false);
  EXPECT_EQ(fields(method), Names{});
  method = RunMethod();
  method.set_assay("generic_observation");
  EXPECT_EQ(fields(method), Names{"method.lines_from_report"});
  method.set_lines_from_report(false);
  method.set_assay("reported");
  EXPECT_EQ(fields(method), Names{"method.assay"});
}

}  // namespace
}  // namespace lims::assay
