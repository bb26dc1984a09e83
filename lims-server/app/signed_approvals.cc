#include "app/catalogue.h"
#include "app/signed_acts.h"
#include "domain/refusal.h"
#include "domain/segregation.h"
#include "domain/verdict.h"
#include "lims/v1/words.h"

namespace lims::app {
namespace {

// A version without a date of its own is in force since its approval on paper.
Result<void> CheckEffectiveDate(const std::string& field, const std::string& effective_date,
                                const v1::PaperApproval& paper_approval, TimeUs now, int offset) {
  if (effective_date.empty()) return {};
  const std::string today = LocalDate(now, offset);
  const std::string& earliest = paper_approval.date().empty() ? today : paper_approval.date();
  if (effective_date < earliest) {
    return InvalidArgument(field, "the effective date " + effective_date +
                                      " lies before the approval of " + earliest +
                                      ": nothing is in force earlier");
  }
  return {};
}

// What a method judges by: its parameters and the limits of its setup values.
std::string LimitsOf(const v1::Method& method) {
  std::string text;
  for (const v1::NamedValue& parameter : method.parameters()) {
    text += "; " + parameter.name() + " " + parameter.value();
    if (!parameter.unit().empty()) text += " " + parameter.unit();
  }
  for (const v1::SetupCheck& check : method.setup_checks()) {
    text += "; setup " + check.name();
    if (!check.min().empty()) text += " >= " + check.min();
    if (!check.max().empty()) text += " <= " + check.max();
    for (int i = 0; i < check.accepted_size(); ++i) {
      text += (i == 0 ? " one of " : ", ") + check.accepted(i);
    }
    if (!check.unit().empty()) text += " " + check.unit();
    for (int i = 0; i < check.concerns_size(); ++i) {
      text += (i == 0 ? " for " : ", ") + check.concerns(i);
    }
  }
  if (method.lines_from_report()) text += "; a report may stand for a run";
  return text;
}

// ", plausible 5 to 9"; empty without a bound.
std::string RangeText(const std::string& name, const std::string& min, const std::string& max) {
  if (min.empty() && max.empty()) return "";
  std::string text = ", " + name;
  if (!min.empty()) text += (max.empty() ? " from " : " ") + min;
  if (!max.empty()) text += (min.empty() ? " up to " : " to ") + max;
  return text;
}

// A line with its limit and how a value meets it; a bound that each lot declares stands there as
// "lot fact".
std::string LimitOf(const v1::SpecificationLine& line) {
  std::string text = line.number() + " " + line.name_en() + ": " +
                     domain::CriterionText(line, [](std::string_view) { return "lot fact"; });
  if (!line.unit_printed().empty()) text += " " + line.unit_printed();
  if (!line.unit().empty() && line.unit() != line.unit_printed()) {
    text += " (unit code " + line.unit() + ")";
  }
  if (line.rounding() != v1::ROUNDING_RULE_UNSPECIFIED) {
    text += ", decimals " + std::to_string(line.decimals()) + " " + v1::EnumWord(line.rounding());
  }
  if (!line.alert_below().empty()) text += ", alert below " + line.alert_below();
  text += RangeText("plausible", line.plausible_min(), line.plausible_max());
  text += RangeText("possible", line.possible_min(), line.possible_max());
  if (!line.applicability().fact().empty()) {
    text += ", only if " + line.applicability().fact() + " = " + line.applicability().value();
  }
  text += ", by " + line.method_id() + ", for";
  for (const v1::GateAssignment& gate : line.gates()) {
    text += " " + v1::EnumWord(gate.gate());
  }
  if (line.biosafety()) text += ", biosafety";
  return text;
}

}  // namespace

Result<SignedAct> DescribeApproveMethod(storage::Records& records,
                                        const v1::ApproveMethodIntent& intent,
                                        const std::string& signature_id, TimeUs now, int offset) {
  if (intent.methods().empty()) return InvalidArgument("intent.approve_method", "names no method");
  SignedAct act;
  act.act = v1::ACT_APPROVE_METHOD;
  act.subject = intent.methods_size() == 1 ? "method/" + intent.methods(0).method_id()
                                           : "approval/" + signature_id;
  act.statement = "I approve these method versions for use";
  for (int i = 0; i < intent.methods_size(); ++i) {
    const v1::MethodVersion& version = intent.methods(i);
    LIMS_ASSIGN_OR_RETURN(const auto method,
                          records.Get<v1::Method>({version.method_id(), version.version()}));
    if (method.record.state() != v1::VERSION_STATE_SUBMITTED) {
      return domain::RefuseState(
          "method " + version.method_id() + " version " + std::to_string(version.version()),
          method.record.state(),
          "only a submitted version is approved; " +
              domain::NextStep(method.record.state(), "method"));
    }
    LIMS_RETURN_IF_ERROR(CheckEffectiveDate(
        "intent.approve_method.methods[" + std::to_string(i) + "]", method.record.effective_date(),
        method.record.paper_approval(), now, offset));
    const std::string& effective = method.record.effective_date().empty()
                                       ? method.record.paper_approval().date()
                                       : method.record.effective_date();
    std::string text = method.record.name_en() + ", panel " + method.record.panel() +
                       ", calculator " + method.record.assay() + " " +
                       method.record.assay_version() + ", effective " + effective +
                       ", SHA-256 of the content " + TextSha256(method.record) + ", " +
                       std::to_string(method.record.outputs_size()) + " outputs";
    if (method.record.has_paper_approval()) {
      text +=
          ", in force before electronic approval by " + method.record.paper_approval().document();
    }
    if (method.record.verified_by().empty()) text += ", model: verified by nobody";
    text += LimitsOf(method.record);
    Show(&act.shown, method.record, method.etag, std::move(text));
  }
  return act;
}

Result<void> PerformApproveMethod(storage::Transaction& tx, const v1::ApproveMethodIntent& intent,
                                  const v1::Signature& signature) {
  for (const v1::MethodVersion& version : intent.methods()) {
    LIMS_ASSIGN_OR_RETURN(auto versions, tx.records().List<v1::Method>({version.method_id()}));
    for (auto& method : versions) {
      if (method.record.version() == version.version()) {
        if (const auto conflict =
                domain::ApproverConflict(method.record.author(), signature.user_id())) {
          return MakeError(ErrorReason::kSegregation, *conflict);
        }
        method.record.set_state(v1::VERSION_STATE_APPROVED);
        method.record.set_approval_signature_id(signature.signature_id());
        // A draft of an earlier build holds what its drafter named.
        method.record.set_text_sha256(TextSha256(method.record));
        tx.Put(method.record);
      }
    }
  }
  return {};
}

Result<SignedAct> DescribeApproveSpecification(storage::Records& records,
                                               const v1::ApproveSpecificationIntent& intent,
                                               TimeUs now, int offset) {
  LIMS_ASSIGN_OR_RETURN(const auto head,
                        records.Get<v1::Specification>({intent.product_id(), intent.revision()}));
  if (head.record.state() != v1::VERSION_STATE_SUBMITTED) {
    return domain::RefuseState(
        "revision " + std::to_string(intent.revision()) + " of the specification of " +
            intent.product_id(),
        head.record.state(),
        "only a submitted revision is approved; " + domain::NextStep(head.record.state(), "spec"));
  }
  LIMS_RETURN_IF_ERROR(CheckEffectiveDate("intent.approve_specification",
                                          head.record.effective_date(),
                                          head.record.paper_approval(), now, offset));
  SignedAct act;
  act.act = v1::ACT_APPROVE_SPECIFICATION;
  act.subject = tlog::StreamOf(head.record);
  act.statement = "I approve this specification revision";
  std::string text = head.record.title_en() + ": " + head.record.basis() + "; " +
                     std::to_string(head.record.line_count()) + " lines, " +
                     std::to_string(head.record.attestation_count()) + " attestations, " +
                     std::to_string(head.record.fact_count()) + " lot facts, effective " +
                     head.record.effective_date() + ", SHA-256 of the content ";
  LIMS_ASSIGN_OR_RETURN(const v1::SpecificationText whole,
                        LoadSpecificationContent(records, intent.product_id(), intent.revision()));
  text += TextSha256(whole);
  if (head.record.has_paper_approval()) {
    text += ", in force before electronic approval by " + head.record.paper_approval().document();
  }
  Show(&act.shown, head.record, head.etag, std::move(text));
  for (const v1::SpecificationLine& line : whole.lines()) {
    LIMS_ASSIGN_OR_RETURN(
        const auto stored,
        records.Get<v1::SpecificationLine>({line.product_id(), line.revision(), line.line_code()}));
    Show(&act.shown, line, stored.etag, LimitOf(line));
  }
  return act;
}

Result<void> PerformApproveSpecification(storage::Transaction& tx,
                                         const v1::ApproveSpecificationIntent& intent,
                                         const v1::Signature& signature) {
  LIMS_ASSIGN_OR_RETURN(
      auto head, tx.records().Get<v1::Specification>({intent.product_id(), intent.revision()}));
  if (const auto conflict = domain::ApproverConflict(head.record.author(), signature.user_id())) {
    return MakeError(ErrorReason::kSegregation, *conflict);
  }
  head.record.set_state(v1::VERSION_STATE_APPROVED);
  head.record.set_approval_signature_id(signature.signature_id());
  LIMS_ASSIGN_OR_RETURN(
      v1::SpecificationText whole,
      LoadSpecificationContent(tx.records(), intent.product_id(), intent.revision()));
  head.record.set_text_sha256(TextSha256(std::move(whole)));
  tx.Put(head.record);
  return {};
}

}  // namespace lims::app
