#include "app/catalogue.h"

#include <algorithm>

#include "assay/registry.h"
#include "base/encoding.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/time.h"
#include "domain/catalogue_check.h"
#include "domain/in_force.h"
#include "domain/refusal.h"
#include "lims/v1/words.h"
#include "tlog/event_bytes.h"

namespace lims::app {
namespace {

// Shows as superseded what was approved and has a later version in force. `all` by id, number.
template <typename T, typename Id>
void MarkSuperseded(std::vector<storage::Stored<T>>* all, Id id, const Site& site) {
  bool later_in_force = false;
  for (auto it = all->rbegin(); it != all->rend(); ++it) {
    T& record = it->record;
    if (it != all->rbegin() && id(std::prev(it)->record) != id(record)) later_in_force = false;
    const bool in_force =
        domain::InForce(record.effective_date(), record.paper_approval(), record.state(),
                        site.clock().Now(), site.record().zone_offset_minutes());
    if (later_in_force && record.state() == v1::VERSION_STATE_APPROVED) {
      record.set_state(v1::VERSION_STATE_SUPERSEDED);
    }
    later_in_force = later_in_force || in_force;
  }
}

// A page over records with a two-part key: the token is "id/number" of the last row.
template <typename T, typename Id, typename Number>
std::vector<T> PageOf(const std::vector<storage::Stored<T>>& all, const std::string& after,
                      int size, Id id, Number number, std::string* next) {
  std::vector<T> page;
  const std::size_t slash = after.rfind('/');
  const std::string after_id = after.substr(0, slash);
  const int after_number = slash == std::string::npos ? 0 : std::atoi(after.c_str() + slash + 1);
  for (const auto& stored : all) {
    if (!after.empty() && std::pair<std::string, int>(id(stored.record), number(stored.record)) <=
                              std::pair<std::string, int>(after_id, after_number)) {
      continue;
    }
    if (static_cast<int>(page.size()) == size) {
      *next = PageToken(id(page.back()) + "/" + std::to_string(number(page.back())));
      return page;
    }
    page.push_back(stored.record);
  }
  return page;
}

// Who replaces a draft has seen it: nobody's work is overwritten unseen.
Result<void> RequireSeen(storage::Transaction& tx, const storage::Stored<v1::Method>& draft,
                         std::int64_t etag) {
  if (etag == draft.etag) return {};
  LIMS_ASSIGN_OR_RETURN(const v1::Event drafted, tx.EventAt(draft.etag));
  const std::string name = draft.record.method_id() + "/" + std::to_string(draft.record.version());
  const std::string current = std::to_string(draft.etag);
  return MakeError(
      ErrorReason::kChanged,
      "method " + name + " is a draft that " + draft.record.author() + " imported at " +
          FormatLocal(drafted.time_us(), drafted.zone_offset_minutes()) +
          ": look at it with lims method show " + name + ", then replace it with --etag " + current,
      {{"etag", "is " + std::to_string(etag) + "; the draft has " + current}});
}

}  // namespace

Result<Plan> ImportMethod(Site&, const Call& call, const v1::ImportMethodRequest& request) {
  auto violations = domain::CheckMethod(request.method());
  if (assay::FindAssay(request.method().assay()) == nullptr) {
    violations.push_back({"method.assay", "there is no calculator " + request.method().assay() +
                                              ": see lims assay list"});
  } else {
    Append(assay::CheckParameters(request.method()), &violations);
  }
  if (!violations.empty()) return InvalidArguments(std::move(violations));
  Plan plan;
  plan.act = v1::ACT_IMPORT_METHOD;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    v1::Method method = request.method();
    LIMS_ASSIGN_OR_RETURN(const auto versions, tx.records().List<v1::Method>({method.method_id()}));
    const int newest = versions.empty() ? 0 : versions.back().record.version();
    const bool replaces_draft =
        newest == method.version() && versions.back().record.state() == v1::VERSION_STATE_DRAFT;
    if (method.version() != newest + 1 && !replaces_draft) {
      return InvalidArgument("method.version", "the next version of " + method.method_id() +
                                                   " is " + std::to_string(newest + 1) +
                                                   "; an approved one never changes");
    }
    // The attempts of a lot are counted by panel: with another one its history would begin anew.
    if (method.version() > 1 && method.panel() != versions.front().record.panel()) {
      return InvalidArgument("method.panel", "every version of " + method.method_id() +
                                                 " is of panel " + versions.front().record.panel() +
                                                 ": give a method of another panel its own id");
    }
    if (replaces_draft) {
      LIMS_RETURN_IF_ERROR(RequireSeen(tx, versions.back(), request.etag()));
    } else if (request.etag() != 0) {
      return InvalidArgument("etag", "method " + method.method_id() + " has no draft of version " +
                                         std::to_string(method.version()) +
                                         " to replace: leave it out");
    }
    method.set_state(v1::VERSION_STATE_DRAFT);
    method.set_author(call.user_id);
    method.set_assay_version(std::string(assay::FindAssay(method.assay())->version));
    method.clear_approval_signature_id();
    method.set_text_sha256(TextSha256(method));
    tx.Put(method);
    return {};
  };
  return plan;
}

Result<Plan> SubmitMethod(Site&, const Call&, const v1::SubmitMethodRequest& request) {
  Plan plan;
  plan.act = v1::ACT_SUBMIT_METHOD;
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto method,
                          tx.records().Get<v1::Method>({request.method_id(), request.version()}));
    if (method.record.state() != v1::VERSION_STATE_DRAFT) {
      return domain::RefuseState(
          "method " + request.method_id() + " version " + std::to_string(request.version()),
          method.record.state(),
          "only a draft is handed in; " + domain::NextStep(method.record.state(), "method"));
    }
    method.record.set_state(v1::VERSION_STATE_SUBMITTED);
    tx.Put(method.record);
    return {};
  };
  return plan;
}

Result<Plan> ImportSpecification(Site&, const Call& call,
                                 const v1::ImportSpecificationRequest& request) {
  if (auto violations = domain::CheckSpecification(request.text()); !violations.empty()) {
    return InvalidArguments(std::move(violations));
  }
  Plan plan;
  plan.act = v1::ACT_IMPORT_SPECIFICATION;
  plan.run = [call, request](storage::Transaction& tx) -> Result<void> {
    v1::SpecificationText text = request.text();
    const std::string product_id = text.product().product_id();
    const int revision = text.specification().revision();
    LIMS_ASSIGN_OR_RETURN(const auto product, tx.records().Find<v1::Product>({product_id}));
    LIMS_ASSIGN_OR_RETURN(const auto revisions, tx.records().List<v1::Specification>({product_id}));
    const int newest = revisions.empty() ? 0 : revisions.back().record.revision();
    if (revision != newest + 1) {
      return InvalidArgument(
          "text.specification.revision",
          "the next revision of " + product_id + " is " + std::to_string(newest + 1));
    }
    std::vector<Violation> violations;
    for (int i = 0; i < text.lines_size(); ++i) {
      const v1::SpecificationLine& line = text.lines(i);
      const std::string field = "text.lines[" + std::to_string(i) + "].method_id";
      LIMS_ASSIGN_OR_RETURN(const auto methods, tx.records().List<v1::Method>({line.method_id()}));
      if (methods.empty()) {
        violations.push_back(
            {field, "there is no method " + line.method_id() + ": import it first"});
        continue;
      }
      const v1::Method& method = methods.back().record;
      const bool fed = std::any_of(
          method.outputs().begin(), method.outputs().end(),
          [&](const v1::MethodOutput& output) { return output.line_code() == line.line_code(); });
      if (!fed) {
        violations.push_back({field, line.method_id() + " reports no line " + line.line_code()});
      }
      if (method.panel() != line.panel()) {
        violations.push_back({"text.lines[" + std::to_string(i) + "].panel",
                              "the panel of " + line.method_id() + " is " + method.panel()});
      }
    }
    if (!violations.empty()) return InvalidArguments(std::move(violations));
    if (!product) tx.Put(text.product());
    v1::Specification& head = *text.mutable_specification();
    head.set_product_id(product_id);
    head.set_state(v1::VERSION_STATE_DRAFT);
    head.set_author(call.user_id);
    head.clear_approval_signature_id();
    head.set_line_count(text.lines_size());
    head.set_attestation_count(text.attestations_size());
    head.set_fact_count(text.facts_size());
    const auto place = [&](auto* records) {
      int position = 0;
      for (auto& record : *records) {
        record.set_product_id(product_id);
        record.set_revision(revision);
        record.set_position(++position);
      }
    };
    place(text.mutable_lines());
    place(text.mutable_attestations());
    place(text.mutable_facts());
    head.set_text_sha256(TextSha256(text));
    tx.Put(head);
    for (const v1::SpecificationLine& line : text.lines()) tx.Put(line);
    for (const v1::AttestationLine& line : text.attestations()) tx.Put(line);
    for (const v1::FactDefinition& fact : text.facts()) tx.Put(fact);
    return {};
  };
  return plan;
}

Result<Plan> SubmitSpecification(Site&, const Call&,
                                 const v1::SubmitSpecificationRequest& request) {
  Plan plan;
  plan.act = v1::ACT_SUBMIT_SPECIFICATION;
  plan.run = [request](storage::Transaction& tx) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(
        auto head, tx.records().Get<v1::Specification>({request.product_id(), request.revision()}));
    if (head.record.state() != v1::VERSION_STATE_DRAFT) {
      return domain::RefuseState(
          "revision " + std::to_string(request.revision()) + " of the specification of " +
              request.product_id(),
          head.record.state(),
          "only a draft is handed in; " + domain::NextStep(head.record.state(), "spec"));
    }
    head.record.set_state(v1::VERSION_STATE_SUBMITTED);
    tx.Put(head.record);
    return {};
  };
  return plan;
}

Result<v1::ListMethodsResponse> ListMethods(Site& site, storage::Records& records,
                                            const v1::ListMethodsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(const std::string after, ParsePageToken(request.page_token()));
  LIMS_ASSIGN_OR_RETURN(auto all, records.List<v1::Method>({}));
  const auto id = [](const v1::Method& m) { return m.method_id(); };
  MarkSuperseded(&all, id, site);
  v1::ListMethodsResponse response;
  for (auto& method : PageOf(
           all, after, size, id, [](const v1::Method& m) { return m.version(); },
           response.mutable_next_page_token())) {
    *response.add_methods() = std::move(method);
  }
  return response;
}

Result<v1::GetMethodResponse> GetMethod(Site&, storage::Records& records,
                                        const v1::GetMethodRequest& request) {
  LIMS_ASSIGN_OR_RETURN(auto versions, records.List<v1::Method>({request.method_id()}));
  v1::GetMethodResponse response;
  for (auto& stored : versions) {
    if (request.version() == 0 || stored.record.version() == request.version()) {
      response.set_etag(stored.etag);
      *response.mutable_method() = std::move(stored.record);
    }
  }
  if (!response.has_method()) return NotFound("method " + request.method_id());
  return response;
}

Result<v1::ListSpecificationsResponse> ListSpecifications(
    Site& site, storage::Records& records, const v1::ListSpecificationsRequest& request) {
  LIMS_ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  LIMS_ASSIGN_OR_RETURN(const std::string after, ParsePageToken(request.page_token()));
  LIMS_ASSIGN_OR_RETURN(auto all, records.List<v1::Specification>({}));
  const auto id = [](const v1::Specification& s) { return s.product_id(); };
  MarkSuperseded(&all, id, site);
  v1::ListSpecificationsResponse response;
  for (auto& head : PageOf(
           all, after, size, id, [](const v1::Specification& s) { return s.revision(); },
           response.mutable_next_page_token())) {
    *response.add_specifications() = std::move(head);
  }
  return response;
}

Result<v1::SpecificationText> LoadSpecificationContent(storage::Records& records,
                                                       const std::string& product_id,
                                                       int revision) {
  v1::SpecificationText text;
  LIMS_ASSIGN_OR_RETURN(auto head, records.Get<v1::Specification>({product_id, revision}));
  *text.mutable_specification() = std::move(head.record);
  const auto load = [&]<typename T>(google::protobuf::RepeatedPtrField<T>* field) -> Result<void> {
    LIMS_ASSIGN_OR_RETURN(auto rows, records.List<T>({product_id, revision}));
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return a.record.position() < b.record.position();
    });
    for (auto& row : rows) *field->Add() = std::move(row.record);
    return {};
  };
  LIMS_RETURN_IF_ERROR(load(text.mutable_lines()));
  LIMS_RETURN_IF_ERROR(load(text.mutable_attestations()));
  LIMS_RETURN_IF_ERROR(load(text.mutable_facts()));
  return text;
}

Result<v1::SpecificationText> LoadSpecification(storage::Records& records,
                                                const std::string& product_id, int revision) {
  LIMS_ASSIGN_OR_RETURN(auto product, records.Get<v1::Product>({product_id}));
  LIMS_ASSIGN_OR_RETURN(v1::SpecificationText text,
                        LoadSpecificationContent(records, product_id, revision));
  *text.mutable_product() = std::move(product.record);
  return text;
}

Result<v1::GetSpecificationResponse> GetSpecification(Site&, storage::Records& records,
                                                      const v1::GetSpecificationRequest& request) {
  int revision = request.revision();
  if (revision == 0) {
    LIMS_ASSIGN_OR_RETURN(const auto all, records.List<v1::Specification>({request.product_id()}));
    if (all.empty()) return NotFound("specification of product " + request.product_id());
    revision = all.back().record.revision();
  }
  v1::GetSpecificationResponse response;
  LIMS_ASSIGN_OR_RETURN(*response.mutable_text(),
                        LoadSpecification(records, request.product_id(), revision));
  return response;
}

Result<std::shared_ptr<const v1::Method>> MethodInForce(storage::Records& records,
                                                        const std::string& method_id, TimeUs at,
                                                        int zone_offset_minutes) {
  LIMS_ASSIGN_OR_RETURN(const auto versions, records.Shared<v1::Method>({method_id}));
  if (versions->empty()) return NotFound("method " + method_id);
  for (auto it = versions->rbegin(); it != versions->rend(); ++it) {
    if (domain::InForce(it->record.effective_date(), it->record.paper_approval(),
                        it->record.state(), at, zone_offset_minutes)) {
      return std::shared_ptr<const v1::Method>(versions, &it->record);
    }
  }
  Error none = WrongState("no version of method " + method_id +
                          " is in force: QA approves it with lims method approve");
  for (const auto& version : *versions) {
    const v1::Method& method = version.record;
    none.violations.push_back(
        {"method " + method_id + " version " + std::to_string(method.version()),
         "is " + v1::EnumWord(method.state()) + ", effective " + method.effective_date()});
  }
  return none;
}

Result<storage::Stored<v1::Specification>> SpecificationInForce(storage::Records& records,
                                                                const std::string& product_id,
                                                                TimeUs at,
                                                                int zone_offset_minutes) {
  LIMS_ASSIGN_OR_RETURN(auto revisions, records.List<v1::Specification>({product_id}));
  if (revisions.empty()) return NotFound("specification of product " + product_id);
  for (auto it = revisions.rbegin(); it != revisions.rend(); ++it) {
    if (domain::InForce(it->record.effective_date(), it->record.paper_approval(),
                        it->record.state(), at, zone_offset_minutes)) {
      return std::move(*it);
    }
  }
  return WrongState("no revision of the specification of " + product_id +
                    " was in force at the time of manufacture: compare that time with the batch "
                    "record and the effective dates in lims spec list");
}

namespace {

template <typename Head>
void ClearApproval(Head* head) {
  head->clear_state();
  head->clear_author();
  head->clear_approval_signature_id();
  head->clear_text_sha256();
}

}  // namespace

std::string TextSha256(v1::Method method) {
  ClearApproval(&method);
  return HexEncode(Sha256(tlog::CanonicalJson(method)));
}

std::string TextSha256(v1::SpecificationText text) {
  text.clear_product();
  ClearApproval(text.mutable_specification());
  return HexEncode(Sha256(tlog::CanonicalJson(text)));
}

}  // namespace lims::app
