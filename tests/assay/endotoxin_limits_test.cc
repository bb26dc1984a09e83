// Validity of the model method M-BET at its limits: they belong to what is valid, and the full
// value is compared, never a rounded one.
#include "assay_input.h"
#include "support/model_files.h"

namespace lims::assay {
namespace {

v1::AssayInput BetInput(const std::string& recovery, const std::string& correlation) {
  v1::AssayInput input;
  *input.mutable_method() = ReadMethods().at("M-BET");
  AddValues(input, "S", "BET", {"0.11", "0.13"});
  const auto declare = [&](const char* name, const std::string& value, const char* unit) {
    v1::NamedValue& setup = *input.add_setup();
    setup.set_name(name);
    setup.set_value(value);
    setup.set_unit(unit);
  };
  declare("standard_points", "3", "");
  declare("correlation_absolute", correlation, "");
  declare("lowest_standard", "0.01", "[iU]/mL");
  declare("dilution", "10", "");
  declare("spike_recovery", recovery, "%");
  declare("negative_control_below_lowest_standard", "yes", "");
  declare("lysate_lot", "KCA-1", "");
  declare("lysate_expiry", "2035-08", "");
  return input;
}

TEST(EndotoxinLimits, AreInclusiveAndComparedByFullValue) {
  struct Case {
    const char* recovery;
    const char* correlation;
    const char* failed;  // check; empty for none
  };
  const Case cases[] = {
      {"49.9", "0.995", "spike_recovery"},
      {"49.99999", "0.995", "spike_recovery"},
      {"50", "0.995", ""},
      {"50.0", "0.995", ""},
      {"200", "0.995", ""},
      {"200.00001", "0.995", "spike_recovery"},
      {"200.1", "0.995", "spike_recovery"},
      {"100", "0.9799", "correlation_absolute"},
      {"100", "0.97999999", "correlation_absolute"},
      {"100", "0.980", ""},
      {"100", "0.98", ""},
      {"100", "1", ""},
      {"100", "1.001", "correlation_absolute"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(std::string(each.recovery) + " % and " + each.correlation);
    const v1::Computation found = Compute(BetInput(each.recovery, each.correlation));
    const std::string failed = each.failed;
    EXPECT_EQ(Failed(found.checks()), failed.empty() ? Names{} : Names{failed});
    EXPECT_EQ(v1::Outcome_Name(found.outcome()),
              failed.empty() ? "OUTCOME_VALID" : "OUTCOME_INVALID_RUN");
    // An invalid run reports nothing.
    ASSERT_EQ(found.samples_size(), 1);
    EXPECT_EQ(Reported(found.samples(0), "BET"), failed.empty() ? "0.12" : "");
  }
}

// lambda x dilution is 0.1.
TEST(EndotoxinLimits, BelowTheLowestStandardTheResultIsLessThanIt) {
  struct Case {
    std::initializer_list<std::string> values;
    const char* reported;
    const char* per_kg;  // times 50 / 40
    bool censored;
  };
  const Case cases[] = {
      {{"0.10", "0.10"}, "0.10", "0.125", false},
      {{"0.08", "0.12"}, "0.10", "0.125", false},  // the mean decides
      {{"0.02", "0.04"}, "<0.10", "<0.125", true},
      {{"0.09999", "0.10"}, "<0.10", "<0.125", true},
      {{"0", "0"}, "<0.10", "<0.125", true},
      {{"<0.10", "<0.10"}, "<0.10", "<0.125", false},
      {{"<0.02", "<0.02"}, "<0.10", "<0.125", true},
      {{"<0.20", "<0.20"}, "<0.20", "<0.25", false},
      {{">0.05", ">0.05"}, ">0.05", ">0.0625", false},
  };
  for (const Case& each : cases) {
    v1::AssayInput input = BetInput("100", "0.995");
    input.clear_data();
    AddValues(input, "S", "BET", each.values);
    AddFact(input, "S", "dose_basis_declared", "yes");
    AddFact(input, "S", "max_hourly_dose_volume", "50");
    AddFact(input, "S", "min_patient_weight", "40");
    const v1::SampleComputation sample = Compute(input).samples(0);
    EXPECT_EQ(Reported(sample, "BET"), each.reported) << *each.values.begin();
    EXPECT_EQ(Reported(sample, "BET-KG"), each.per_kg) << *each.values.begin();
    EXPECT_EQ(Detail(sample.details(), "below_lowest").empty(), !each.censored)
        << *each.values.begin();
  }
  v1::AssayInput input = BetInput("100", "0.995");
  input.mutable_data(0)->mutable_value()->set_value("0.02");
  input.mutable_data(1)->mutable_value()->set_value("0.04");
  EXPECT_EQ(Detail(Compute(input).samples(0).details(), "below_lowest"),
            "BET: 0.03 is below lowest_standard x dilution = 0.10");
  // A method that does not name them reports what it reported.
  input.mutable_method()->mutable_outputs(0)->clear_lowest_setup();
  EXPECT_EQ(Reported(Compute(input).samples(0), "BET"), "0.03");
}

}  // namespace
}  // namespace lims::assay
