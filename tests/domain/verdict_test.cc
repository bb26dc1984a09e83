#include "domain/verdict.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/text_proto.h"

namespace lims::domain {
namespace {

std::optional<std::string> NoFacts(std::string_view) {
  return std::nullopt;
}

v1::SpecificationLine Line(const std::string& text) {
  return FromText<v1::SpecificationLine>(text);
}

// A judged number with the given criteria, as "lower" and "upper" in the way they are printed.
v1::SpecificationLine NumberLine(std::string_view lower, std::string_view upper, int decimals,
                                 v1::RoundingRule rounding,
                                 v1::ResultKind kind = v1::RESULT_KIND_DECIMAL) {
  v1::SpecificationLine line;
  line.set_line_code("X");
  line.set_result_kind(kind);
  line.set_decimals(decimals);
  line.set_rounding(rounding);
  line.set_verdict_mode(v1::VERDICT_MODE_JUDGED);
  v1::Criterion& criterion = *line.add_criteria();
  const auto set = [](std::string_view text, v1::Bound* bound) {
    const bool inclusive = text.find('=') != std::string_view::npos;
    bound->set_operator_(inclusive ? v1::OPERATOR_INCLUSIVE : v1::OPERATOR_STRICT);
    bound->set_value(std::string(text.substr(text.find(' ') + 1)));
  };
  if (!lower.empty()) set(lower, criterion.mutable_lower());
  if (!upper.empty()) set(upper, criterion.mutable_upper());
  return line;
}

v1::Reportable Value(std::string_view text) {
  v1::Reportable value;
  if (text.starts_with('<')) value.set_qualifier(v1::QUALIFIER_LESS_THAN);
  if (text.starts_with('>')) value.set_qualifier(v1::QUALIFIER_GREATER_THAN);
  if (value.qualifier() != v1::QUALIFIER_UNSPECIFIED) text.remove_prefix(1);
  value.set_value(std::string(text));
  return value;
}

constexpr auto kChp = v1::ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED;
constexpr auto kUsp = v1::ROUNDING_RULE_USP_HALF_UP;
constexpr auto kFull = v1::ROUNDING_RULE_GBT8170_FULL_VALUE;
constexpr auto kPass = v1::VERDICT_PASS;
constexpr auto kOos = v1::VERDICT_OOS_SUSPECTED;
constexpr auto kUndecided = v1::VERDICT_CANNOT_DECIDE;

struct NumberCase {
  std::string_view lower;
  std::string_view upper;
  int decimals;
  v1::RoundingRule rounding;
  std::string_view value;
  v1::Verdict verdict;
  std::string_view reported;
};

void Check(const NumberCase& c, v1::ResultKind kind) {
  SCOPED_TRACE(std::string(c.value) + " against " + std::string(c.lower) + " " +
               std::string(c.upper) + " " + v1::RoundingRule_Name(c.rounding));
  const auto judgement =
      Judge(NumberLine(c.lower, c.upper, c.decimals, c.rounding, kind), Value(c.value), NoFacts);
  ASSERT_TRUE(judgement) << judgement.error().message;
  EXPECT_EQ(v1::Verdict_Name(judgement->verdict), v1::Verdict_Name(c.verdict));
  EXPECT_EQ(judgement->value_reported, c.reported);
}

TEST(Verdict, TiesGoByTheRoundingRuleOfTheLine) {
  const NumberCase cases[] = {
      {">= 95", "", 0, kChp, "94.5", kOos, "94"},    {">= 95", "", 0, kUsp, "94.5", kPass, "95"},
      {">= 85", "", 0, kChp, "84.5", kOos, "84"},    {">= 85", "", 0, kUsp, "84.5", kPass, "85"},
      {"", "<= 2", 0, kChp, "2.5", kPass, "2"},      {"", "<= 2", 0, kUsp, "2.5", kOos, "3"},
      {"", "<= 2.0", 1, kChp, "2.05", kPass, "2.0"}, {"", "<= 2.0", 1, kUsp, "2.05", kOos, "2.1"},
      {">= 90", "", 0, kChp, "89.5", kPass, "90"},   {">= 90", "", 0, kUsp, "89.5", kPass, "90"},
      {"", "<= -2", 0, kChp, "-2.5", kPass, "-2"},   {"", "<= -2", 0, kUsp, "-2.5", kPass, "-3"},
  };
  for (const NumberCase& c : cases) Check(c, v1::RESULT_KIND_DECIMAL);
}

TEST(Verdict, RoundsOnceFromAllDigits) {
  const NumberCase cases[] = {
      {">= 95", "", 0, kChp, "94.46", kOos, "94"},
      {">= 95", "", 0, kUsp, "94.46", kOos, "94"},
      {">= 96", "", 0, kChp, "95.46", kOos, "95"},
      {">= 96", "", 0, kUsp, "95.46", kOos, "95"},
      {"", "<= 8.53", 2, kChp, "8.53459", kPass, "8.53"},
      {">= 95", "", 0, kChp, "94.5000000000000000000000000000001", kPass, "95"},
  };
  for (const NumberCase& c : cases) Check(c, v1::RESULT_KIND_DECIMAL);
}

TEST(Verdict, ComparesAllDigitsUnderTheFullValueRule) {
  const NumberCase cases[] = {
      {"", "<= 2.0", 1, kFull, "2.0", kPass, "2.0"},
      {"", "<= 2.0", 1, kFull, "2.01", kOos, "2.0"},
      {">= 95", "", 0, kFull, "94.9", kOos, "95"},
      {"", "< 0.50", 2, kFull, "0.496", kPass, "0.50"},
      {">= 90", "", 0, kFull, "89.9999", kOos, "90"},
  };
  for (const NumberCase& c : cases) Check(c, v1::RESULT_KIND_DECIMAL);
}

TEST(Verdict, DistinguishesStrictFromInclusiveBoundsAtTheBound) {
  const NumberCase cases[] = {
      {">= 6.8", "<= 7.6", 1, kChp, "6.8", kPass, "6.8"},
      {">= 6.8", "<= 7.6", 1, kChp, "7.6", kPass, "7.6"},
      {">= 6.8", "<= 7.6", 1, kChp, "6.7", kOos, "6.7"},
      {">= 6.8", "<= 7.6", 1, kChp, "7.7", kOos, "7.7"},
      {">= 6.8", "<= 7.6", 1, kChp, "7", kPass, "7.0"},
      {"> 8.0", "< 48.0", 1, kChp, "8.0", kOos, "8.0"},
      {"> 8.0", "< 48.0", 1, kChp, "48.0", kOos, "48.0"},
      {"> 8.0", "< 48.0", 1, kChp, "8.04", kOos, "8.0"},
      {"> 8.0", "< 48.0", 1, kChp, "8.06", kPass, "8.1"},
      {"", "< 0.50", 2, kChp, "0.496", kOos, "0.50"},
      {"", "< 0.50", 2, kChp, "0.494", kPass, "0.49"},
      {"", "<= 0", 0, kChp, "0", kPass, "0"},
      {"", "<= 0", 0, kChp, "1", kOos, "1"},
      {">= 20", "", 0, kChp, "-3.4", kOos, "-3"},
      {">= 85", "", 0, kChp, "100.4", kPass, "100"},
      {">= 20", "", 1, kChp, "4.5e1", kPass, "45.0"},
  };
  for (const NumberCase& c : cases) Check(c, v1::RESULT_KIND_DECIMAL);
}

TEST(Verdict, ComparesTheOpenEndOfAQualifiedValueUnrounded) {
  const NumberCase cases[] = {
      {"", "< 0.50", 2, kChp, "<0.50", kPass, "0.50"},
      {"", "<= 0.50", 2, kChp, "<0.50", kPass, "0.50"},
      {"", "< 0.50", 2, kChp, "<0.25", kPass, "0.25"},
      {"", "< 0.50", 2, kChp, "<0.51", kUndecided, "0.51"},
      {"", "< 0.50", 2, kChp, "<0.5001", kUndecided, "0.51"},
      {"", "<= 0.50", 2, kUsp, "<0.5001", kUndecided, "0.51"},
      {"", "< 0.50", 2, kChp, "0.496", kOos, "0.50"},
      {"", "< 0.50", 2, kChp, ">0.50", kOos, "0.50"},
      {"", "<= 0.50", 2, kChp, ">0.50", kOos, "0.50"},
      {"", "<= 0.50", 2, kChp, ">0.49", kUndecided, "0.49"},
      {"", "< 0.50", 2, kChp, ">1000", kOos, "1000.00"},
      {">= 80", "", 0, kChp, ">1000", kPass, "1000"},
      {"> 80", "", 0, kChp, ">80", kPass, "80"},
      {">= 80", "", 0, kChp, ">79.9", kUndecided, "79"},
      {">= 80", "", 0, kChp, "<80", kOos, "80"},
      {"> 80", "", 0, kChp, "<80", kOos, "80"},
      {">= 80", "", 0, kChp, "<81", kUndecided, "81"},
      {">= 80", "<= 150", 0, kChp, "<80", kOos, "80"},
      {">= 80", "<= 150", 0, kChp, ">150", kOos, "150"},
      {">= 80", "<= 150", 0, kChp, "<100", kUndecided, "100"},
  };
  for (const NumberCase& c : cases) Check(c, v1::RESULT_KIND_QUALIFIED_DECIMAL);
}

TEST(Verdict, ReportsAQualifiedValueRoundedAwayFromItsOpenSide) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"<0.0625", "0.1"}, {"<0.25", "0.3"},   {"<0.2", "0.2"},    {">0.28", "0.2"},
      {">0.2", "0.2"},    {"<-0.28", "-0.2"}, {">-0.21", "-0.3"},
  };
  v1::SpecificationLine line = NumberLine("", "<= 5.0", 1, kChp, v1::RESULT_KIND_QUALIFIED_DECIMAL);
  line.set_verdict_mode(v1::VERDICT_MODE_REPORT_ONLY);
  for (const auto& [value, reported] : cases) {
    const auto judgement = Judge(line, Value(value), NoFacts);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->value_reported, reported) << value;
  }
}

// A bound from the fact fill_volume_label instead of a number.
v1::SpecificationLine FactLine(bool upper) {
  v1::SpecificationLine line = NumberLine(upper ? "" : ">= 0", upper ? "< 0" : "", 1, kChp);
  v1::Criterion& criterion = *line.mutable_criteria(0);
  v1::Bound& bound = upper ? *criterion.mutable_upper() : *criterion.mutable_lower();
  bound.clear_value();
  bound.set_fact("fill_volume_label");
  return line;
}

// Two criteria that both must hold.
v1::SpecificationLine Both(v1::SpecificationLine line, const v1::SpecificationLine& other) {
  *line.add_criteria() = other.criteria(0);
  return line;
}

v1::SpecificationLine CodesOfTwoCriteria() {
  return Line(R"(
    line_code: "TERT" result_kind: RESULT_KIND_OBSERVATION verdict_mode: VERDICT_MODE_JUDGED
    codes { code: "NOT_DETECTED" } codes { code: "TRACE" } codes { code: "INDETERMINATE" }
    codes { code: "DETECTED" }
    criteria { accepted_codes: ["NOT_DETECTED", "TRACE"] inconclusive_codes: "INDETERMINATE" }
    criteria { accepted_codes: "NOT_DETECTED" inconclusive_codes: "TRACE" })");
}

enum class Example { kPasses, kFails, kBoundary, kInvalid };

// Each kind of criterion has an example of each sort.
struct CriterionCase {
  std::string kind;
  Example example;
  v1::SpecificationLine line;
  std::string value;
  std::string fact;  // fill_volume_label; empty while it is not declared
  std::optional<v1::Verdict> verdict;
  ErrorReason refusal = ErrorReason::kUnspecified;
};

TEST(Verdict, OfEachKindOfCriterionPassesFailsMeetsItsBoundAndRefuses) {
  using enum Example;
  const auto kQualified = v1::RESULT_KIND_QUALIFIED_DECIMAL;
  const auto kBadValue = ErrorReason::kInvalidArgument;
  const auto kBadLine = ErrorReason::kWrongState;
  const v1::SpecificationLine at_least = NumberLine(">= 85", "", 0, kChp);
  const v1::SpecificationLine above = NumberLine("> 8.0", "", 1, kChp);
  const v1::SpecificationLine at_most = NumberLine("", "<= 2.0", 1, kChp);
  const v1::SpecificationLine below = NumberLine("", "< 0.50", 2, kChp);
  const v1::SpecificationLine range = NumberLine(">= 6.8", "<= 7.6", 1, kChp);
  const v1::SpecificationLine interval = NumberLine("", "< 0.50", 2, kChp, kQualified);
  const v1::SpecificationLine lower_fact = FactLine(false);
  const v1::SpecificationLine upper_fact = FactLine(true);
  const v1::SpecificationLine both =
      Both(NumberLine(">= 10", "", 0, kChp), NumberLine("", "< 20", 0, kChp));
  const v1::SpecificationLine both_with_fact =
      Both(FactLine(false), NumberLine("", "< 9.0", 1, kChp));
  const v1::SpecificationLine no_number = Both(at_least, NumberLine("", "<= many", 0, kChp));
  const v1::SpecificationLine codes = Line(R"(
    line_code: "GRAM" result_kind: RESULT_KIND_OBSERVATION verdict_mode: VERDICT_MODE_JUDGED
    codes { code: "NONE_SEEN" } codes { code: "SEEN" }
    criteria { accepted_codes: "NONE_SEEN" })");
  const v1::SpecificationLine doubtful = Line(R"(
    line_code: "TERT" result_kind: RESULT_KIND_OBSERVATION verdict_mode: VERDICT_MODE_JUDGED
    codes { code: "NOT_DETECTED" } codes { code: "INDETERMINATE" } codes { code: "DETECTED" }
    criteria { accepted_codes: "NOT_DETECTED" inconclusive_codes: "INDETERMINATE" })");
  const v1::SpecificationLine both_codes = CodesOfTwoCriteria();
  const CriterionCase cases[] = {
      {"at least", kPasses, at_least, "86", "", kPass},
      {"at least", kFails, at_least, "84", "", kOos},
      {"at least", kBoundary, at_least, "85", "", kPass},
      {"at least", kInvalid, at_least, "", "", {}, kBadValue},
      {"above", kPasses, above, "8.1", "", kPass},
      {"above", kFails, above, "7.9", "", kOos},
      {"above", kBoundary, above, "8.0", "", kOos},
      {"above", kInvalid, above, "8,1", "", {}, kBadValue},
      {"at most", kPasses, at_most, "1.9", "", kPass},
      {"at most", kFails, at_most, "2.1", "", kOos},
      {"at most", kBoundary, at_most, "2.0", "", kPass},
      {"at most", kInvalid, at_most, "NaN", "", {}, kBadValue},
      {"below", kPasses, below, "0.49", "", kPass},
      {"below", kFails, below, "0.51", "", kOos},
      {"below", kBoundary, below, "0.50", "", kOos},
      {"below", kInvalid, below, "<0.50", "", {}, kBadValue},
      {"range", kPasses, range, "7.2", "", kPass},
      {"range", kFails, range, "6.7", "", kOos},
      {"range", kFails, range, "7.7", "", kOos},
      {"range", kBoundary, range, "6.8", "", kPass},
      {"range", kBoundary, range, "7.6", "", kPass},
      {"range", kInvalid, range, "7.2.1", "", {}, kBadValue},
      {"qualified", kPasses, interval, "<0.25", "", kPass},
      {"qualified", kFails, interval, ">0.60", "", kOos},
      {"qualified", kBoundary, interval, "<0.50", "", kPass},
      {"qualified", kBoundary, interval, "<0.51", "", kUndecided},
      {"qualified", kInvalid, interval, "<", "", {}, kBadValue},
      {"fact below", kPasses, lower_fact, "5.1", "5.0", kPass},
      {"fact below", kFails, lower_fact, "4.94", "5.0", kOos},
      {"fact below", kBoundary, lower_fact, "5.0", "5.0", kPass},
      {"fact below", kInvalid, lower_fact, "five", "5.0", {}, kBadValue},
      {"fact below", kInvalid, lower_fact, "5.0", "five", {}, kBadLine},
      {"fact below", kInvalid, lower_fact, "5.0", "NaN", {}, kBadLine},
      {"fact below", kInvalid, lower_fact, "5.0", "<5.0", {}, kBadLine},
      {"fact below", kInvalid, lower_fact, "5.0", "", {}, kBadLine},
      {"fact above", kPasses, upper_fact, "4.9", "5.0", kPass},
      {"fact above", kFails, upper_fact, "5.1", "5.0", kOos},
      {"fact above", kBoundary, upper_fact, "5.0", "5.0", kOos},
      {"fact above", kInvalid, upper_fact, "4.9", "5,0", {}, kBadLine},
      {"both", kPasses, both, "15", "", kPass},
      {"both", kFails, both, "9", "", kOos},
      {"both", kFails, both, "21", "", kOos},
      {"both", kBoundary, both, "10", "", kPass},
      {"both", kBoundary, both, "20", "", kOos},
      {"both", kInvalid, both, "1O", "", {}, kBadValue},
      {"both", kInvalid, no_number, "90", "", {}, kBadLine},
      {"both, one from a fact", kPasses, both_with_fact, "6.0", "5.0", kPass},
      {"both, one from a fact", kFails, both_with_fact, "4.0", "5.0", kOos},
      {"both, one from a fact", kBoundary, both_with_fact, "9.0", "5.0", kOos},
      {"both, one from a fact", kInvalid, both_with_fact, "9.5", "", {}, kBadLine},
      {"codes", kPasses, codes, "NONE_SEEN", "", kPass},
      {"codes", kFails, codes, "SEEN", "", kOos},
      {"codes", kInvalid, codes, "none_seen", "", {}, kBadValue},
      {"codes with a doubt", kPasses, doubtful, "NOT_DETECTED", "", kPass},
      {"codes with a doubt", kFails, doubtful, "DETECTED", "", kOos},
      {"codes with a doubt", kBoundary, doubtful, "INDETERMINATE", "", v1::VERDICT_INCONCLUSIVE},
      {"codes with a doubt", kInvalid, doubtful, "", "", {}, kBadValue},
      {"both codes", kPasses, both_codes, "NOT_DETECTED", "", kPass},
      {"both codes", kFails, both_codes, "DETECTED", "", kOos},
      // Doubtful by one criterion; by the other it passes, or fails.
      {"both codes", kBoundary, both_codes, "TRACE", "", v1::VERDICT_INCONCLUSIVE},
      {"both codes", kBoundary, both_codes, "INDETERMINATE", "", kOos},
      {"both codes", kInvalid, both_codes, "POSITIVE", "", {}, kBadValue},
  };
  std::map<std::string, std::set<Example>> examples;
  for (const CriterionCase& c : cases) {
    SCOPED_TRACE(c.kind + ": " + c.value + " with fact " + c.fact);
    examples[c.kind].insert(c.example);
    const auto judgement =
        Judge(c.line, Value(c.value), [&](std::string_view) -> std::optional<std::string> {
          if (c.fact.empty()) return std::nullopt;
          return c.fact;
        });
    ASSERT_EQ(judgement.has_value(), c.verdict.has_value());
    if (judgement) {
      EXPECT_EQ(v1::Verdict_Name(judgement->verdict), v1::Verdict_Name(*c.verdict));
    } else {
      EXPECT_EQ(judgement.error().reason, c.refusal) << judgement.error().message;
    }
  }
  for (const auto& [kind, sorts] : examples) {
    // Codes alone have no value between those that pass and those that fail.
    EXPECT_EQ(sorts.size(), kind == "codes" ? 3u : 4u) << kind;
  }
}

TEST(Verdict, NeedsEveryCriterion) {
  v1::SpecificationLine line = NumberLine(">= 10", "", 0, kChp);
  *line.add_criteria() = NumberLine("", "< 20", 0, kChp).criteria(0);
  for (const auto& [value, verdict] : {std::pair("9", kOos), std::pair("10", kPass),
                                       std::pair("19", kPass), std::pair("20", kOos)}) {
    const auto judgement = Judge(line, Value(value), NoFacts);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->verdict, verdict) << value;
    EXPECT_EQ(judgement->criterion, ">= 10 and < 20");
  }
}

TEST(Verdict, TakesABoundFromADeclaredFact) {
  v1::SpecificationLine line = NumberLine(">= 0", "", 1, kChp);
  line.mutable_criteria(0)->mutable_lower()->clear_value();
  line.mutable_criteria(0)->mutable_lower()->set_fact("fill_volume_label");
  const auto facts = [](std::string_view fact) -> std::optional<std::string> {
    if (fact == "fill_volume_label") return "5.0";
    return std::nullopt;
  };
  const auto pass = Judge(line, Value("5.0"), facts);
  ASSERT_TRUE(pass);
  EXPECT_EQ(pass->verdict, kPass);
  EXPECT_EQ(pass->criterion, ">= 5.0 (fill_volume_label)");
  EXPECT_EQ(Judge(line, Value("4.94"), facts)->verdict, kOos);

  const auto undeclared = Judge(line, Value("5.0"), NoFacts);
  ASSERT_FALSE(undeclared);
  EXPECT_EQ(undeclared.error().reason, ErrorReason::kWrongState);
  EXPECT_EQ(CriterionText(line, NoFacts), ">= fill_volume_label (not declared)");
}

v1::SpecificationLine CodeLine() {
  return Line(R"(
    line_code: "TERT" result_kind: RESULT_KIND_OBSERVATION verdict_mode: VERDICT_MODE_JUDGED
    codes { code: "NOT_DETECTED" } codes { code: "TRACE" } codes { code: "INDETERMINATE" }
    codes { code: "DETECTED" }
    criteria {
      accepted_codes: ["NOT_DETECTED", "TRACE"] inconclusive_codes: "INDETERMINATE"
    })");
}

TEST(Verdict, AcceptsListedCodesOnly) {
  const std::pair<std::string, v1::Verdict> cases[] = {{"NOT_DETECTED", kPass},
                                                       {"TRACE", kPass},
                                                       {"INDETERMINATE", v1::VERDICT_INCONCLUSIVE},
                                                       {"DETECTED", kOos}};
  for (const auto& [code, verdict] : cases) {
    const auto judgement = Judge(CodeLine(), Value(code), NoFacts);
    ASSERT_TRUE(judgement);
    EXPECT_EQ(judgement->verdict, verdict) << code;
    EXPECT_EQ(judgement->value_reported, code);
    EXPECT_EQ(judgement->criterion, "one of NOT_DETECTED, TRACE");
  }
}

TEST(Verdict, LetsAFailureOfOneCriterionOutweighAnInconclusiveOther) {
  v1::SpecificationLine line = CodeLine();
  line.add_criteria()->add_accepted_codes("NOT_DETECTED");
  EXPECT_EQ(Judge(line, Value("NOT_DETECTED"), NoFacts)->verdict, kPass);
  EXPECT_EQ(Judge(line, Value("TRACE"), NoFacts)->verdict, kOos);
  EXPECT_EQ(Judge(line, Value("INDETERMINATE"), NoFacts)->verdict, kOos);
}

TEST(Verdict, RefusesWhatTheLineCannotReport) {
  const v1::SpecificationLine number = NumberLine("", "<= 5", 0, kChp);
  const v1::SpecificationLine qualified =
      NumberLine("", "<= 5", 0, kChp, v1::RESULT_KIND_QUALIFIED_DECIMAL);
  const std::pair<v1::SpecificationLine, v1::Reportable> cases[] = {
      {number, Value("")},          {number, Value("NaN")},        {number, Value("inf")},
      {number, Value("1,5")},       {number, Value("<3")},         {number, Value(">3")},
      {qualified, Value("<")},      {qualified, Value("<<3")},     {CodeLine(), Value("")},
      {CodeLine(), Value("Trace")}, {CodeLine(), Value("<TRACE")},
  };
  for (const auto& [line, value] : cases) {
    const auto judgement = Judge(line, value, NoFacts);
    ASSERT_FALSE(judgement) << value.ShortDebugString();
    EXPECT_EQ(judgement.error().reason, ErrorReason::kInvalidArgument);
    EXPECT_EQ(judgement.error().violations.size(), 1u);
  }
}

TEST(Verdict, RefusesAValueInAnotherUnit) {
  v1::SpecificationLine line = NumberLine("", "<= 5", 0, kChp);
  line.set_unit("[iU]/mL");
  v1::Reportable value = Value("3");
  EXPECT_TRUE(Judge(line, value, NoFacts));
  value.set_unit("[iU]/mL");
  EXPECT_TRUE(Judge(line, value, NoFacts));
  value.set_unit("[EU]/mL");
  const auto judgement = Judge(line, value, NoFacts);
  ASSERT_FALSE(judgement);
  EXPECT_EQ(judgement.error().violations[0].field, "unit");
}

TEST(Verdict, PassesNothingOnALineThatSaysTooLittle) {
  v1::SpecificationLine without_limit = NumberLine("", "", 0, kChp);
  v1::SpecificationLine without_rounding = NumberLine("", "<= 5", 0, v1::ROUNDING_RULE_UNSPECIFIED);
  v1::SpecificationLine without_mode = NumberLine("", "<= 5", 0, kChp);
  without_mode.clear_verdict_mode();
  v1::SpecificationLine without_kind = NumberLine("", "<= 5", 0, kChp);
  without_kind.clear_result_kind();
  for (const auto& line : {without_limit, without_rounding, without_mode, without_kind}) {
    const auto judgement = Judge(line, Value("3"), NoFacts);
    ASSERT_FALSE(judgement);
    EXPECT_EQ(judgement.error().reason, ErrorReason::kWrongState);
  }
  v1::SpecificationLine without_codes = CodeLine();
  without_codes.clear_criteria();
  EXPECT_FALSE(Judge(without_codes, Value("TRACE"), NoFacts));
}

TEST(Verdict, ReportsWithoutVerdictWhereTheLineIsNotJudged) {
  v1::SpecificationLine line = NumberLine("", "", 1, kChp);
  line.clear_criteria();
  line.set_verdict_mode(v1::VERDICT_MODE_REPORT_ONLY);
  const auto judgement = Judge(line, Value("7.25"), NoFacts);
  ASSERT_TRUE(judgement);
  EXPECT_EQ(judgement->verdict, v1::VERDICT_REPORT_ONLY);
  EXPECT_EQ(judgement->value_reported, "7.2");
  EXPECT_EQ(judgement->criterion, "report only");

  v1::SpecificationLine codes = CodeLine();
  codes.set_verdict_mode(v1::VERDICT_MODE_REPORT_ONLY);
  EXPECT_EQ(Judge(codes, Value("DETECTED"), NoFacts)->verdict, v1::VERDICT_REPORT_ONLY);
}

TEST(Verdict, FlagsASingleValueOutsideALimitThatTheMeanKeeps) {
  v1::SpecificationLine line = NumberLine(">= 85", "", 0, kChp);
  const auto flags = [&](std::vector<std::string> individuals, const std::string& mean) {
    v1::Reportable value = Value(mean);
    value.mutable_individuals()->Add(individuals.begin(), individuals.end());
    return Judge(line, value, NoFacts)->flags;
  };
  const std::vector<std::string> flagged{std::string(kFlagIndividualBelowLimit)};
  EXPECT_EQ(flags({"84", "84", "88"}, "85.33333333333333333333333333333333"), flagged);
  EXPECT_EQ(flags({"84.6", "85", "88"}, "85.9"), std::vector<std::string>{});
  EXPECT_EQ(flags({"80", "82", "84"}, "82"), std::vector<std::string>{});

  EXPECT_EQ(flags({"undetermined", "86"}, "86"), std::vector<std::string>{});
}

TEST(Verdict, ComparesSingleValuesOnlyInTheUnitOfTheLine) {
  v1::SpecificationLine line = NumberLine(">= 4.5", "<= 6.0", 1, kChp);
  line.set_unit("10*7{cells}/{unit}");
  v1::Reportable value = Value("5.0");
  value.add_individuals("9000000");
  EXPECT_TRUE(Judge(line, value, NoFacts)->flags.empty());
  value.set_unit(line.unit());
  EXPECT_EQ(Judge(line, value, NoFacts)->flags.size(), 1u);
}

TEST(Verdict, FlagsAQualifiedSingleValueOnlyWhenItIsOutsideForSure) {
  v1::SpecificationLine line = NumberLine("", "<= 5.0", 1, kChp, v1::RESULT_KIND_QUALIFIED_DECIMAL);
  v1::Reportable value = Value("4.0");
  value.add_individuals("<6.0");
  EXPECT_TRUE(Judge(line, value, NoFacts)->flags.empty());
  value.add_individuals(">6.0");
  EXPECT_EQ(Judge(line, value, NoFacts)->flags.size(), 1u);
}

TEST(Verdict, FlagsAReportedValueBelowTheAlertLevel) {
  v1::SpecificationLine line = NumberLine(">= 85", "", 0, kChp);
  line.set_alert_below("90");
  const auto alert = [&](std::string_view value) {
    const auto judgement = Judge(line, Value(value), NoFacts);
    return judgement->flags == std::vector<std::string>{std::string(kFlagAlert)};
  };
  EXPECT_TRUE(alert("89.4"));
  EXPECT_FALSE(alert("89.5"));
  EXPECT_FALSE(alert("90"));
  EXPECT_TRUE(alert("80"));
  EXPECT_EQ(Judge(line, Value("89.4"), NoFacts)->verdict, kPass);
}

TEST(Verdict, SaysWhyInOneSentence) {
  const auto why = [](std::string_view lower, std::string_view upper, int decimals,
                      v1::RoundingRule rounding, std::string_view value) {
    return Judge(NumberLine(lower, upper, decimals, rounding, v1::RESULT_KIND_QUALIFIED_DECIMAL),
                 Value(value), NoFacts)
        ->explanation;
  };
  EXPECT_EQ(why("", "< 0.50", 2, kChp, "0.496"), "0.496 rounds to 0.50, which is not below 0.50");
  EXPECT_EQ(why("", "< 0.50", 2, kFull, "0.496"),
            "0.496, compared with all its digits, is below 0.50");
  EXPECT_EQ(why(">= 6.8", "<= 7.6", 1, kChp, "7.2"), "7.2 is at least 6.8 and at most 7.6");
  EXPECT_EQ(why(">= 6.8", "<= 7.6", 1, kChp, "7.7"), "7.7 is not at most 7.6");
  EXPECT_EQ(why("> 6.8", "", 1, kChp, "6.8"), "6.8 is not above 6.8");
  EXPECT_EQ(why("", "< 0.50", 2, kChp, "<0.50"), "every value <0.50 is below 0.50");
  EXPECT_EQ(why("", "< 0.50", 2, kChp, "<0.51"), "<0.51 may or may not be below 0.50");
  EXPECT_EQ(why(">= 2", "<= 5", 0, kChp, "<10"), "<10 may or may not be at least 2");
  EXPECT_EQ(why("", "< 0.50", 2, kChp, ">1000"), "no value >1000 is below 0.50");
  EXPECT_EQ(Judge(CodeLine(), Value("DETECTED"), NoFacts)->explanation,
            "DETECTED is not one of NOT_DETECTED, TRACE");
}

}  // namespace
}  // namespace lims::domain
