#include "domain/catalogue_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "support/text_proto.h"

namespace lims::domain {
namespace {

std::vector<std::string> Fields(const std::vector<Violation>& violations) {
  std::vector<std::string> fields;
  for (const Violation& violation : violations) {
    EXPECT_FALSE(violation.description.empty());
    fields.push_back(violation.field);
  }
  return fields;
}

std::string Explained(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& each : violations) text += each.field + ": " + each.description + "\n";
  return text;
}

v1::SpecificationText SoundText() {
  return FromText<v1::SpecificationText>(R"(
    product { product_id: "P" name_en: "Product" name_zh: "产品" }
    specification {
      revision: 1 title_en: "Title" title_zh: "标题" basis: "Model" effective_date: "2026-01-05"
    }
    lines {
      line_code: "PH" name_en: "pH" name_zh: "pH值" panel: "PH" method_id: "M-PH"
      result_kind: RESULT_KIND_DECIMAL verdict_mode: VERDICT_MODE_JUDGED decimals: 1
      rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED plausible_min: "4.0" plausible_max: "10.0"
      criteria {
        lower { operator: OPERATOR_INCLUSIVE value: "6.8" }
        upper { operator: OPERATOR_INCLUSIVE value: "7.6" }
      }
      gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    }
    lines {
      line_code: "VOL" name_en: "Volume" name_zh: "装量" panel: "VOL" method_id: "M-VOL"
      result_kind: RESULT_KIND_DECIMAL verdict_mode: VERDICT_MODE_JUDGED decimals: 1
      rounding: ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED
      criteria { lower { operator: OPERATOR_INCLUSIVE fact: "fill_volume_label" } }
      gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    }
    lines {
      line_code: "GRAM" name_en: "Gram" name_zh: "革兰" panel: "GRAM" method_id: "M-GRAM"
      result_kind: RESULT_KIND_OBSERVATION verdict_mode: VERDICT_MODE_JUDGED
      codes { code: "NONE_SEEN" text_en: "None" text_zh: "无" }
      codes { code: "DOUBTFUL" text_en: "Doubtful" text_zh: "可疑" }
      codes { code: "SEEN" text_en: "Seen" text_zh: "可见" }
      criteria { accepted_codes: "NONE_SEEN" inconclusive_codes: "DOUBTFUL" }
      applicability { fact: "fresh_product" value: "yes" }
      gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
      gates { gate: GATE_BANK lot_kinds: [LOT_KIND_MCB, LOT_KIND_WCB] }
    }
    attestations {
      code: "BPR" name_en: "Record" name_zh: "记录" role: ROLE_QA document_kind: "record"
      gates { gate: GATE_S1 lot_kinds: LOT_KIND_DRUG_PRODUCT }
    }
    facts {
      fact: "fill_volume_label" type: FACT_TYPE_DECIMAL decimals: 1 meaning: "Volume" above: "0"
      used_by_lines: "VOL"
    }
    facts {
      fact: "fresh_product" type: FACT_TYPE_YES_NO meaning: "Fresh" used_by_lines: "GRAM"
    }
    facts {
      fact: "eopc_lot" type: FACT_TYPE_LOT lot_kind: LOT_KIND_EOPC meaning: "Cells"
      used_by_lines: "GRAM" needed_when: "fresh_product"
    })");
}

struct SpecificationCase {
  const char* name;
  std::function<void(v1::SpecificationText&)> change;
  std::vector<std::string> fields;
};

using Text = v1::SpecificationText;

v1::Bound& LowerBound(Text& text) {
  return *text.mutable_lines(0)->mutable_criteria(0)->mutable_lower();
}

const SpecificationCase kSpecificationCases[] = {
    {"nothing", [](Text&) {}, {}},
    {"product id",
     [](Text& t) { t.mutable_product()->set_product_id("a b"); },
     {"text.product.product_id"}},
    {"name", [](Text& t) { t.mutable_product()->clear_name_zh(); }, {"text.product.name_zh"}},
    {"revision",
     [](Text& t) { t.mutable_specification()->set_revision(0); },
     {"text.specification.revision"}},
    {"date",
     [](Text& t) { t.mutable_specification()->set_effective_date("2026-02-30"); },
     {"text.specification.effective_date"}},
    {"no date",
     [](Text& t) { t.mutable_specification()->clear_effective_date(); },
     {"text.specification.effective_date"}},
    {"paper approval of a later revision",
     [](Text& t) {
       t.mutable_specification()->set_revision(2);
       t.mutable_specification()->mutable_paper_approval()->set_document("QA-1");
       t.mutable_specification()->mutable_paper_approval()->set_date("2026-01-01");
     },
     {"text.specification.paper_approval"}},
    {"paper approval without date",
     [](Text& t) { t.mutable_specification()->mutable_paper_approval()->set_document("QA-1"); },
     {"text.specification.paper_approval.date"}},
    {"verified by without date",
     [](Text& t) { t.mutable_specification()->set_verified_by("anna"); },
     {"text.specification.verified_date"}},
    {"no lines",
     [](Text& t) {
       t.clear_lines();
       t.clear_facts();
     },
     {"text.lines"}},
    {"duplicate line", [](Text& t) { *t.add_lines() = t.lines(0); }, {"text.lines[3].line_code"}},
    {"other product",
     [](Text& t) { t.mutable_lines(0)->set_product_id("Q"); },
     {"text.lines[0].product_id"}},
    {"position", [](Text& t) { t.mutable_lines(1)->set_position(1); }, {"text.lines[1].position"}},
    {"panel of two methods",
     [](Text& t) { t.mutable_lines(1)->set_panel("PH"); },
     {"text.lines[1].method_id"}},
    {"method of two panels",
     [](Text& t) { t.mutable_lines(1)->set_method_id("M-PH"); },
     {"text.lines[1].panel"}},
    {"kind",
     [](Text& t) { t.mutable_lines(0)->clear_result_kind(); },
     {"text.lines[0].result_kind", "text.lines[0].criteria[0]",
      "text.lines[0].criteria[0].accepted_codes"}},
    {"mode",
     [](Text& t) { t.mutable_lines(0)->clear_verdict_mode(); },
     {"text.lines[0].verdict_mode"}},
    {"rounding", [](Text& t) { t.mutable_lines(0)->clear_rounding(); }, {"text.lines[0].rounding"}},
    {"decimals",
     [](Text& t) { t.mutable_lines(0)->set_decimals(2); },
     {"text.lines[0].criteria[0].lower.value", "text.lines[0].criteria[0].upper.value"}},
    {"limit without its decimal",
     [](Text& t) { LowerBound(t).set_value("7"); },
     {"text.lines[0].criteria[0].lower.value"}},
    {"limit is no number",
     [](Text& t) { LowerBound(t).set_value("6,8"); },
     {"text.lines[0].criteria[0].lower.value"}},
    {"bound without value or fact",
     [](Text& t) { LowerBound(t).clear_value(); },
     {"text.lines[0].criteria[0].lower"}},
    {"bound with value and fact",
     [](Text& t) { LowerBound(t).set_fact("fill_volume_label"); },
     {"text.lines[0].criteria[0].lower"}},
    {"bound without operator",
     [](Text& t) { LowerBound(t).clear_operator_(); },
     {"text.lines[0].criteria[0].lower.operator"}},
    {"lower above upper",
     [](Text& t) { LowerBound(t).set_value("7.7"); },
     {"text.lines[0].criteria[0]"}},
    {"nothing between strict bounds",
     [](Text& t) {
       LowerBound(t).set_value("7.6");
       LowerBound(t).set_operator_(v1::OPERATOR_STRICT);
     },
     {"text.lines[0].criteria[0]"}},
    {"a single number is a range", [](Text& t) { LowerBound(t).set_value("7.6"); }, {}},
    {"empty criterion",
     [](Text& t) { t.mutable_lines(0)->add_criteria(); },
     {"text.lines[0].criteria[1]"}},
    {"no criterion",
     [](Text& t) { t.mutable_lines(0)->clear_criteria(); },
     {"text.lines[0].criteria"}},
    {"codes on a number",
     [](Text& t) { t.mutable_lines(0)->add_codes()->set_code("A"); },
     {"text.lines[0].codes"}},
    {"report only with criterion",
     [](Text& t) { t.mutable_lines(0)->set_verdict_mode(v1::VERDICT_MODE_REPORT_ONLY); },
     {"text.lines[0].criteria"}},
    {"unknown fact",
     [](Text& t) { t.mutable_lines(1)->mutable_criteria(0)->mutable_lower()->set_fact("volume"); },
     {"text.lines[1].criteria[0].lower.fact"}},
    {"fact does not list the line",
     [](Text& t) { t.mutable_facts(0)->set_used_by_lines(0, "PH"); },
     {"text.lines[1].criteria[0].lower.fact"}},
    {"fact with other decimals",
     [](Text& t) { t.mutable_facts(0)->set_decimals(2); },
     {"text.lines[1].criteria[0].lower.fact"}},
    {"fact is no number",
     [](Text& t) {
       t.mutable_facts(0)->set_type(v1::FACT_TYPE_DOCUMENT);
       t.mutable_facts(0)->set_decimals(0);
       t.mutable_facts(0)->clear_above();
     },
     {"text.lines[1].criteria[0].lower.fact"}},
    {"plausible range",
     [](Text& t) { t.mutable_lines(0)->set_plausible_min("11"); },
     {"text.lines[0].plausible_min"}},
    {"alert level",
     [](Text& t) { t.mutable_lines(0)->set_alert_below("low"); },
     {"text.lines[0].alert_below"}},
    {"reviews before a hold that there is not",
     [](Text& t) { t.mutable_lines(0)->add_hold_reviews("GRAM"); },
     {"text.lines[0].hold_reviews[0]"}},
    {"reviews of lines that there are not, or twice",
     [](Text& t) {
       t.mutable_lines(0)->set_biosafety(true);
       for (const char* code : {"GRAM", "KARYO", "GRAM"}) {
         t.mutable_lines(0)->add_hold_reviews(code);
       }
     },
     {"text.lines[0].hold_reviews[1]", "text.lines[0].hold_reviews[2]"}},
    {"no gates", [](Text& t) { t.mutable_lines(0)->clear_gates(); }, {"text.lines[0].gates"}},
    {"gate without kinds",
     [](Text& t) { t.mutable_lines(0)->mutable_gates(0)->clear_lot_kinds(); },
     {"text.lines[0].gates[0].lot_kinds"}},
    {"gate that the kind does not have",
     [](Text& t) { t.mutable_lines(0)->mutable_gates(0)->add_lot_kinds(v1::LOT_KIND_MCB); },
     {"text.lines[0].gates[0].lot_kinds[1]"}},
    {"S1 and S2 for one kind",
     [](Text& t) {
       auto* gate = t.mutable_lines(0)->add_gates();
       gate->set_gate(v1::GATE_S2);
       gate->add_lot_kinds(v1::LOT_KIND_DRUG_PRODUCT);
     },
     {"text.lines[0].gates[1].lot_kinds[0]"}},
    {"applicability by an unknown fact",
     [](Text& t) { t.mutable_lines(2)->mutable_applicability()->set_fact("frozen"); },
     {"text.lines[2].applicability.fact"}},
    {"applicability by a number",
     [](Text& t) {
       t.mutable_lines(2)->mutable_applicability()->set_fact("fill_volume_label");
       t.mutable_facts(0)->add_used_by_lines("GRAM");
     },
     {"text.lines[2].applicability.fact"}},
    {"applicability value",
     [](Text& t) { t.mutable_lines(2)->mutable_applicability()->set_value("maybe"); },
     {"text.lines[2].applicability.value"}},
    {"accepted code unknown",
     [](Text& t) { t.mutable_lines(2)->mutable_criteria(0)->add_accepted_codes("CLEAN"); },
     {"text.lines[2].criteria[0].accepted_codes[1]"}},
    {"code accepted and inconclusive",
     [](Text& t) { t.mutable_lines(2)->mutable_criteria(0)->add_inconclusive_codes("NONE_SEEN"); },
     {"text.lines[2].criteria[0].inconclusive_codes[1]"}},
    {"duplicate code",
     [](Text& t) { t.mutable_lines(2)->mutable_codes(2)->set_code("DOUBTFUL"); },
     {"text.lines[2].codes[2].code"}},
    {"observation with decimals",
     [](Text& t) { t.mutable_lines(2)->set_decimals(1); },
     {"text.lines[2].decimals"}},
    {"observation with bound",
     [](Text& t) { *t.mutable_lines(2)->mutable_criteria(0)->mutable_lower() = LowerBound(t); },
     {"text.lines[2].criteria[0]"}},
    {"attestation role",
     [](Text& t) { t.mutable_attestations(0)->set_role(v1::ROLE_AUDITOR); },
     {"text.attestations[0].role"}},
    {"attestation twice",
     [](Text& t) { *t.add_attestations() = t.attestations(0); },
     {"text.attestations[1].code"}},
    {"attestation without gate",
     [](Text& t) { t.mutable_attestations(0)->clear_gates(); },
     {"text.attestations[0].gates"}},
    {"fact twice", [](Text& t) { *t.add_facts() = t.facts(1); }, {"text.facts[3].fact"}},
    {"fact without type",
     [](Text& t) { t.mutable_facts(2)->clear_type(); },
     {"text.facts[2].type", "text.facts[2].lot_kind"}},
    {"fact used by an unknown line",
     [](Text& t) { t.mutable_facts(2)->add_used_by_lines("TERT"); },
     {"text.facts[2].used_by_lines[1]"}},
    {"fact needed by a number",
     [](Text& t) { t.mutable_facts(2)->set_needed_when("fill_volume_label"); },
     {"text.facts[2].needed_when"}},
    {"fact needed by itself",
     [](Text& t) { t.mutable_facts(1)->set_needed_when("fresh_product"); },
     {"text.facts[1].needed_when"}},
    {"lowest value of a yes or no",
     [](Text& t) { t.mutable_facts(1)->set_above("0"); },
     {"text.facts[1].above"}},
    {"lot fact without kind",
     [](Text& t) { t.mutable_facts(2)->clear_lot_kind(); },
     {"text.facts[2].lot_kind"}},
};

TEST(CatalogueCheck, NamesEveryProblemOfASpecification) {
  for (const SpecificationCase& c : kSpecificationCases) {
    v1::SpecificationText text = SoundText();
    c.change(text);
    const auto violations = CheckSpecification(text);
    EXPECT_EQ(Fields(violations), c.fields) << c.name << "\n" << Explained(violations);
  }
}

v1::Method SoundMethod() {
  return FromText<v1::Method>(R"(
    method_id: "M-CELL" version: 1 name_en: "Count" name_zh: "计数" panel: "CELL"
    assay: "generic_value" validation_state: VALIDATION_STATE_VALIDATED
    outputs {
      line_code: "VIA" input: "VIA" replicates_min: 3 replicates_max: 3
      combination: COMBINATION_MEAN spread_rule: SPREAD_RULE_CV_PERCENT spread_max: "10"
    }
    outputs {
      line_code: "VCN" input: "VIA" combination: COMBINATION_MEAN factor: "fill_volume_label"
      divisor: "10000000"
    }
    outputs {
      line_code: "APP" input: "APP" combination: COMBINATION_WORST codes: ["GOOD", "BAD"]
      described_codes: "BAD"
    }
    parameters { name: "mode" value: "INHIB" }
    setup_checks { name: "slope" min: "95" max: "105" meaning: "Slope" }
    setup_checks { name: "beads" accepted: "yes" meaning: "Beads" }
    repeat_invalid_budget: 2 formats: "plate_csv"
    paper_approval { document: "QA-2" date: "2026-01-05" })");
}

struct MethodCase {
  const char* name;
  std::function<void(v1::Method&)> change;
  std::vector<std::string> fields;
};

const MethodCase kMethodCases[] = {
    {"nothing", [](v1::Method&) {}, {}},
    {"id", [](v1::Method& m) { m.clear_method_id(); }, {"method.method_id"}},
    {"version",
     [](v1::Method& m) { m.set_version(0); },
     {"method.version", "method.paper_approval"}},
    {"state", [](v1::Method& m) { m.clear_validation_state(); }, {"method.validation_state"}},
    {"no date at all", [](v1::Method& m) { m.clear_paper_approval(); }, {"method.effective_date"}},
    {"budget",
     [](v1::Method& m) { m.set_repeat_invalid_budget(-1); },
     {"method.repeat_invalid_budget"}},
    {"format twice", [](v1::Method& m) { m.add_formats("plate_csv"); }, {"method.formats[1]"}},
    {"no outputs", [](v1::Method& m) { m.clear_outputs(); }, {"method.outputs"}},
    {"output twice",
     [](v1::Method& m) { *m.add_outputs() = m.outputs(2); },
     {"method.outputs[3].line_code"}},
    {"output without line",
     [](v1::Method& m) { m.mutable_outputs(0)->clear_line_code(); },
     {"method.outputs[0].line_code"}},
    {"output without input",
     [](v1::Method& m) { m.mutable_outputs(0)->clear_input(); },
     {"method.outputs[0].input"}},
    {"output on a chain of outputs",
     [](v1::Method& m) {
       auto* output = m.add_outputs();
       output->set_line_code("X");
       output->set_input("VCN");
     },
     {"method.outputs[3].input"}},
    {"output on an observation",
     [](v1::Method& m) { m.mutable_outputs(1)->set_input("APP"); },
     {"method.outputs[1].input"}},
    {"fewest above most",
     [](v1::Method& m) { m.mutable_outputs(0)->set_replicates_min(4); },
     {"method.outputs[0].replicates_max"}},
    {"spread is no number",
     [](v1::Method& m) { m.mutable_outputs(0)->set_spread_max("10 %"); },
     {"method.outputs[0].spread_max"}},
    {"negative spread",
     [](v1::Method& m) { m.mutable_outputs(0)->set_spread_max("-1"); },
     {"method.outputs[0].spread_max"}},
    {"spread without rule",
     [](v1::Method& m) { m.mutable_outputs(0)->clear_spread_rule(); },
     {"method.outputs[0].spread_rule"}},
    {"rule without spread",
     [](v1::Method& m) { m.mutable_outputs(0)->clear_spread_max(); },
     {"method.outputs[0].spread_max"}},
    {"spread of one value",
     [](v1::Method& m) { m.mutable_outputs(0)->set_replicates_min(1); },
     {"method.outputs[0].replicates_min"}},
    {"factor is neither number nor name",
     [](v1::Method& m) { m.mutable_outputs(1)->set_factor("1,5"); },
     {"method.outputs[1].factor"}},
    {"divisor zero",
     [](v1::Method& m) { m.mutable_outputs(1)->set_divisor("0.0"); },
     {"method.outputs[1].divisor"}},
    {"worst of unknown order",
     [](v1::Method& m) { m.mutable_outputs(2)->clear_codes(); },
     {"method.outputs[2].described_codes[0]", "method.outputs[2].codes"}},
    {"mean of codes",
     [](v1::Method& m) { m.mutable_outputs(2)->set_combination(v1::COMBINATION_MEAN); },
     {"method.outputs[2].combination"}},
    {"code twice",
     [](v1::Method& m) { m.mutable_outputs(2)->add_codes("GOOD"); },
     {"method.outputs[2].codes[2]"}},
    {"factor of codes",
     [](v1::Method& m) { m.mutable_outputs(2)->set_factor("2"); },
     {"method.outputs[2].codes"}},
    {"spread of codes",
     [](v1::Method& m) {
       v1::MethodOutput& output = *m.mutable_outputs(2);
       output.set_replicates_min(2);
       output.set_spread_rule(v1::SPREAD_RULE_SD);
       output.set_spread_max("1");
     },
     {"method.outputs[2].spread_rule"}},
    {"whole number of codes",
     [](v1::Method& m) { m.mutable_outputs(2)->set_whole_number(true); },
     {"method.outputs[2].whole_number"}},
    {"fact name",
     [](v1::Method& m) { m.mutable_outputs(0)->set_equals_fact("Passage"); },
     {"method.outputs[0].equals_fact"}},
    {"parameter twice",
     [](v1::Method& m) { *m.add_parameters() = m.parameters(0); },
     {"method.parameters[1].name"}},
    {"parameter without value",
     [](v1::Method& m) { m.mutable_parameters(0)->clear_value(); },
     {"method.parameters[0].value"}},
    {"setup range",
     [](v1::Method& m) { m.mutable_setup_checks(0)->set_min("106"); },
     {"method.setup_checks[0].min"}},
    {"setup is no number",
     [](v1::Method& m) { m.mutable_setup_checks(0)->set_max("high"); },
     {"method.setup_checks[0].max"}},
    {"setup range and texts",
     [](v1::Method& m) { m.mutable_setup_checks(0)->add_accepted("yes"); },
     {"method.setup_checks[0]"}},
    {"setup without criterion",
     [](v1::Method& m) { m.mutable_setup_checks(1)->clear_accepted(); },
     {"method.setup_checks[1]"}},
    {"setup texts and time",
     [](v1::Method& m) { m.mutable_setup_checks(1)->set_time(true); },
     {"method.setup_checks[1]"}},
    {"setup expiry and texts",
     [](v1::Method& m) { m.mutable_setup_checks(1)->set_expiry(true); },
     {"method.setup_checks[1]"}},
    {"setup per a text",
     [](v1::Method& m) { m.mutable_setup_checks(0)->set_per("beads"); },
     {"method.setup_checks[0].per"}},
    {"setup text times a number",
     [](v1::Method& m) { m.mutable_setup_checks(1)->set_times("slope"); },
     {"method.setup_checks[1]"}},
    {"lowest value by a setup value that is no number",
     [](v1::Method& m) { m.mutable_outputs(0)->add_lowest_setup("beads"); },
     {"method.outputs[0].lowest_setup[0]"}},
    {"setup with a code that is none",
     [](v1::Method& m) { m.mutable_setup_checks(0)->set_code_otherwise("CLONAL"); },
     {"method.setup_checks[0].code_otherwise"}},
    {"setup that agrees with a code that is none",
     [](v1::Method& m) {
       v1::Agreement& agreement = *m.mutable_setup_checks(1)->add_agreements();
       agreement.set_value("yes");
       agreement.add_codes("NORMAL");
       m.mutable_setup_checks(1)->set_flag("DISAGREES");
     },
     {"method.setup_checks[1].agreements[0].codes[0]"}},
    {"setup that contradicts a code that is none",
     [](v1::Method& m) {
       v1::Agreement& agreement = *m.mutable_setup_checks(1)->add_agreements();
       agreement.set_value("yes");
       agreement.add_codes("NORMAL");
     },
     {"method.setup_checks[1].agreements[0].codes[0]"}},
    {"setup flag of nothing",
     [](v1::Method& m) { m.mutable_setup_checks(1)->set_flag("DISAGREES"); },
     {"method.setup_checks[1].flag"}},
    {"control of one line",
     [](v1::Method& m) { m.mutable_setup_checks(1)->add_concerns("APP"); },
     {}},
    {"control of a line that is none",
     [](v1::Method& m) { m.mutable_setup_checks(1)->add_concerns("VERO"); },
     {"method.setup_checks[1].concerns[0]"}},
    {"control of one line that takes nothing away",
     [](v1::Method& m) {
       m.mutable_setup_checks(1)->add_concerns("APP");
       m.mutable_setup_checks(1)->set_waived_when_positive(true);
     },
     {"method.setup_checks[1].concerns"}},
    {"target twice",
     [](v1::Method& m) {
       for (int i = 0; i < 2; ++i) m.mutable_outputs(2)->add_targets()->set_name("VERO");
     },
     {"method.outputs[2].targets[1].name"}},
    {"target that means an output",
     [](v1::Method& m) { m.mutable_outputs(2)->add_targets()->set_name(m.outputs(2).line_code()); },
     {"method.outputs[2].targets[0].name"}},
    {"positive code that is none",
     [](v1::Method& m) { m.mutable_outputs(2)->add_positive_codes("GROWTH"); },
     {"method.outputs[2].positive_codes[0]"}},
    {"invalid code that is none",
     [](v1::Method& m) { m.mutable_outputs(2)->add_invalid_codes("TOXIC"); },
     {"method.outputs[2].invalid_codes[0]"}},
    {"code both positive and invalid",
     [](v1::Method& m) {
       m.mutable_outputs(2)->add_positive_codes("GOOD");
       m.mutable_outputs(2)->add_invalid_codes("GOOD");
     },
     {"method.outputs[2].invalid_codes[0]"}},
    {"observation from a setup value that is no time",
     [](v1::Method& m) {
       m.mutable_observation()->set_from(m.setup_checks(0).name());
       m.mutable_observation()->set_hours(24);
     },
     {"method.observation.from"}},
    {"observation",
     [](v1::Method& m) {
       v1::SetupCheck& start = *m.add_setup_checks();
       start.set_name("inoculated");
       start.set_meaning("End of inoculation");
       start.set_time(true);
       v1::ObservationPlan& plan = *m.mutable_observation();
       plan.set_from("inoculated");
       plan.set_until("inoculated");
       plan.set_hours(24);
       for (const int hours : {12, 12, 24}) plan.add_look_hours(hours);
       plan.set_unreadable_code("TURBID");
     },
     {"method.observation.until", "method.observation.look_hours[1]",
      "method.observation.look_hours[2]", "method.observation.transfer_code"}},
};

TEST(CatalogueCheck, NamesEveryProblemOfAMethod) {
  for (const MethodCase& c : kMethodCases) {
    v1::Method method = SoundMethod();
    c.change(method);
    const auto violations = CheckMethod(method);
    EXPECT_EQ(Fields(violations), c.fields) << c.name << "\n" << Explained(violations);
  }
}

}  // namespace
}  // namespace lims::domain
