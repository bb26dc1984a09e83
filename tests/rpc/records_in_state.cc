#include "rpc/records_in_state.h"

#include "app/submit_run.h"
#include "base/encoding.h"
#include "base/password.h"
#include "base/sha256.h"
#include "tlog/event_bytes.h"

namespace lims::rpc {

RecordsInState::RecordsInState(RpcServer& server) : server_(server) {
  const auto key = MakeKeyAndRequest("terminal");
  EXPECT_TRUE(key);
  for (const char c : key->request_pem) {
    certificate_request_ += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
}

std::string RecordsInState::NewName(const std::string& prefix) {
  return prefix + std::to_string(++names_);
}

std::string RecordsInState::Lot(v1::Disposition disposition, v1::LotKind kind,
                                const std::string& confirmed_by, const std::string& registered_by) {
  lot_ = NewName("L-");
  v1::Lot lot;
  lot.set_lot_id(lot_);
  lot.set_kind(kind);
  lot.set_product_id("P");
  lot.set_specification_revision(1);
  lot.set_manufacture_time("2026-02-01T08:00:00+08:00");
  lot.set_expiry("2027-02");
  lot.set_disposition(disposition);
  lot.set_registered_by(registered_by);
  lot.set_confirmed_by(confirmed_by);
  server_.Put({&lot});
  return lot_;
}

void RecordsInState::SetDisposition(v1::Disposition disposition) {
  auto lot = server_.Find<v1::Lot>({lot_});
  ASSERT_TRUE(lot);
  lot->set_disposition(disposition);
  server_.Put({&*lot});
}

std::string RecordsInState::Sample(v1::SampleState state, const std::string& taken_by) {
  v1::Sample sample;
  sample.set_sample_id(NewName("S-"));
  sample.set_lot_id(lot_);
  sample.set_purpose(v1::PURPOSE_RELEASE);
  sample.set_state(state);
  sample.set_sampling_point("DP");
  sample.mutable_amount()->set_value("1.0");
  sample.mutable_amount()->set_unit("mL");
  sample.set_taken_by(taken_by);
  server_.Put({&sample});
  return sample.sample_id();
}

std::string RecordsInState::Run(v1::RunState state, const std::string& late_reason, bool read) {
  Lot(v1::DISPOSITION_QUARANTINE);
  run_ = NewName("R-");
  v1::Run run;
  run.set_run_id(run_);
  run.set_method_id("M-PH");
  run.set_method_version(1);
  run.set_state(state);
  run.set_started_time("2026-02-20T08:00:00+08:00");
  run.set_assay("generic_value");
  run.add_analysts("other1");
  run.set_position_count(1);
  v1::RunPosition position;
  position.set_run_id(run_);
  position.set_position("1");
  position.set_target("PH");
  position.set_role(v1::POSITION_ROLE_SAMPLE);
  position.set_sample_id(Sample(v1::SAMPLE_STATE_RECEIVED));
  position.set_lot_id(lot_);
  v1::Attempt attempt;
  attempt.set_lot_id(lot_);
  attempt.set_panel("PH");
  attempt.set_number(1);
  attempt.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  attempt.set_sample_id(position.sample_id());
  attempt.set_purpose(v1::PURPOSE_RELEASE);
  attempt.set_run_id(run_);
  attempt.set_method_id("M-PH");
  attempt.set_method_version(1);
  attempt.add_analysts("other1");
  v1::Reading reading;
  reading.set_run_id(run_);
  reading.set_number(1);
  reading.set_observed_time("2026-02-20T09:00:00+08:00");
  reading.set_observed_by("other1");
  reading.set_late_reason(late_reason);
  v1::ReadingEntry* entry = reading.add_entries();
  entry->set_position("1");
  entry->set_target("PH");
  entry->mutable_value()->set_value("7.0");
  entry->mutable_value()->set_unit("[pH]");
  server_.Put({&run, &position, &attempt});
  if (read) server_.Put({&reading});
  return run_;
}

void RecordsInState::Result(const std::string& analyst) {
  v1::Attempt attempt;
  attempt.set_lot_id(lot_);
  attempt.set_panel("PH");
  attempt.set_number(1);
  attempt.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  attempt.set_sample_id(Sample(v1::SAMPLE_STATE_RECEIVED));
  attempt.set_purpose(v1::PURPOSE_RELEASE);
  attempt.set_run_id(NewName("R-"));
  attempt.set_method_id("M-PH");
  attempt.set_method_version(1);
  attempt.set_outcome(v1::OUTCOME_VALID);
  attempt.add_analysts(analyst);
  v1::Result result;
  result.set_lot_id(lot_);
  result.set_line_code("PH");
  result.set_attempt_number(1);
  result.set_panel("PH");
  result.set_value_raw("7.0");
  result.set_value_reported("7.0");
  result.set_unit("[pH]");
  result.set_verdict(v1::VERDICT_PASS);
  result.set_purpose(v1::PURPOSE_RELEASE);
  result_etag_ = server_.Put({&attempt, &result});
}

void RecordsInState::Typed() {
  Lot(v1::DISPOSITION_QUARANTINE);
  run_ = NewName("R-");
  v1::Run run;
  run.set_run_id(run_);
  run.set_method_id("M-PH");
  run.set_method_version(1);
  run.set_state(v1::RUN_STATE_SUBMITTED);
  run.set_started_time("2026-02-20T08:00:00+08:00");
  v1::Attempt attempt;
  attempt.set_lot_id(lot_);
  attempt.set_panel("PH");
  attempt.set_number(1);
  attempt.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  attempt.set_sample_id(Sample(v1::SAMPLE_STATE_RECEIVED));
  attempt.set_purpose(v1::PURPOSE_RELEASE);
  attempt.set_run_id(run_);
  attempt.set_method_id("M-PH");
  attempt.set_method_version(1);
  attempt.set_outcome(v1::OUTCOME_VALID);
  v1::TypedEntry* entry = attempt.add_entries();
  entry->set_input("PH");
  entry->set_replicate(1);
  entry->mutable_value()->set_value("7.0");
  entry->mutable_value()->set_unit("[pH]");
  v1::Result result;
  result.set_lot_id(lot_);
  result.set_line_code("PH");
  result.set_attempt_number(1);
  result.set_panel("PH");
  result.set_value_raw("7.0");
  result.set_value_reported("7.0");
  result.set_verdict(v1::VERDICT_PASS);
  server_.Put({&run, &attempt, &result});
}

std::string RecordsInState::Copied(const std::string& entered_by) {
  v1::Attempt attempt;
  v1::TypedEntry* entry = attempt.add_entries();
  entry->set_input("PH");
  entry->set_replicate(1);
  entry->mutable_value()->set_value("7.2");
  entry->mutable_value()->set_unit("[pH]");
  const std::string sealed = tlog::CanonicalJson(attempt) + "\nrandom\n";
  attempt.clear_entries();
  attempt.mutable_sealed_entries()->set_sha256(HexEncode(Sha256(sealed)));
  EXPECT_TRUE(app::StoreRawFile(server_.site(), attempt.sealed_entries().sha256(), sealed));
  v1::RawFile& scan = *attempt.mutable_document()->mutable_file();
  scan.set_sha256(HexEncode(Sha256(kScan)));
  EXPECT_TRUE(app::StoreRawFile(server_.site(), scan.sha256(), kScan));
  attempt.set_lot_id(Lot(v1::DISPOSITION_QUARANTINE));
  attempt.set_panel("PH");
  attempt.set_number(1);
  attempt.set_kind(v1::ATTEMPT_KIND_ORIGINAL);
  attempt.set_sample_id(Sample(v1::SAMPLE_STATE_RECEIVED));
  attempt.set_purpose(v1::PURPOSE_RELEASE);
  attempt.set_run_id(NewName("R-"));
  attempt.set_method_id("M-PH");
  attempt.set_method_version(1);
  attempt.set_source(v1::RESULT_SOURCE_CONTRACT_LAB);
  attempt.set_entered_by(entered_by);
  v1::Run run;
  run.set_run_id(attempt.run_id());
  run.set_method_id("M-PH");
  run.set_method_version(1);
  run.set_state(v1::RUN_STATE_OPEN);
  run.set_started_time("2026-02-20T08:00:00+08:00");
  server_.Put({&run, &attempt});
  return run.run_id();
}

void RecordsInState::Amendment(v1::AmendmentState state, const std::string& proposed_by) {
  v1::Amendment amendment;
  amendment.set_lot_id(lot_);
  amendment.set_number(1);
  amendment.set_state(state);
  amendment.set_panel("PH");
  amendment.set_attempt_number(1);
  v1::AmendedEntry* pair = amendment.add_entries();
  pair->mutable_before()->set_input("PH");
  pair->mutable_before()->set_replicate(1);
  pair->mutable_before()->mutable_value()->set_value("7.0");
  pair->mutable_before()->mutable_value()->set_unit("[pH]");
  *pair->mutable_after() = pair->before();
  pair->mutable_after()->mutable_value()->set_value("7.2");
  amendment.set_proposed_by(proposed_by);
  server_.Put({&amendment});
}

void RecordsInState::Look(v1::RunState state, const std::string& user,
                          const std::string& cleared_by) {
  Run(state);
  v1::Look look;
  look.set_lot_id(lot_);
  look.set_number(1);
  look.set_user_id(user);
  look.set_run_id(run_);
  look.set_cleared_by(cleared_by);
  server_.Put({&look});
}

void RecordsInState::Certificate(const std::string& entered_by, const std::string& confirmed_by) {
  v1::ExternalCertificate certificate;
  certificate.set_lot_id(Lot(v1::DISPOSITION_QUARANTINE, v1::LOT_KIND_MCB));
  certificate.set_issuer("Reference laboratory");
  certificate.set_certificate_number("C-9");
  certificate.set_issued_date("2026-02-15");
  certificate.add_lines("PH");
  certificate.set_file_sha256(HexEncode(Sha256(kScan)));
  EXPECT_TRUE(app::StoreRawFile(server_.site(), certificate.file_sha256(), kScan));
  certificate.set_entered_by(entered_by);
  certificate.set_confirmed_by(confirmed_by);
  server_.Put({&certificate});
}

std::string RecordsInState::Kept(const std::string& custodian, const std::string& handed_to) {
  v1::Sample sample;
  sample.set_sample_id(NewName("S-"));
  sample.set_lot_id(Lot(v1::DISPOSITION_QUARANTINE));
  sample.set_purpose(v1::PURPOSE_RELEASE);
  sample.set_state(v1::SAMPLE_STATE_RECEIVED);
  sample.mutable_amount()->set_value("1.0");
  sample.mutable_amount()->set_unit("mL");
  sample.set_custodian(custodian);
  sample.set_handed_to(handed_to);
  server_.Put({&sample});
  return sample.sample_id();
}

void RecordsInState::Review(const std::string& reviewer) {
  v1::Review review;
  review.set_lot_id(lot_);
  review.set_number(1);
  v1::ReviewedResult* reviewed = review.add_results();
  reviewed->set_line_code("PH");
  reviewed->set_attempt_number(1);
  reviewed->set_etag(result_etag_);
  review.set_reviewer(reviewer);
  server_.Put({&review});
}

std::string RecordsInState::ReleasableBank(const std::string& analyst,
                                           const std::string& reviewer) {
  Lot(v1::DISPOSITION_QUARANTINE, v1::LOT_KIND_MCB);
  Result(analyst);
  Review(reviewer);
  return lot_;
}

void RecordsInState::Hold(bool lifted) {
  v1::Hold hold;
  hold.set_lot_id(lot_);
  hold.set_number(1);
  hold.set_kind(v1::HOLD_KIND_QUALITY);
  hold.set_reason("a question");
  hold.set_placed_by("other1");
  if (lifted) hold.set_lifted_signature_id("an earlier signature");
  server_.Put({&hold});
}

std::string RecordsInState::User(v1::UserState state, const std::string& proposed_by) {
  v1::User user;
  user.set_user_id(NewName("u"));
  user.set_name("Somebody");
  user.set_state(state);
  if (state == v1::USER_STATE_PROPOSED) user.set_code_given_by(proposed_by);
  v1::RoleGrant* grant = user.add_grants();
  grant->set_role(v1::ROLE_TECHNICIAN);
  grant->set_proposed_by("admin1");
  grant->set_confirmed_by("admin2");
  if (!proposed_by.empty()) {
    v1::RoleGrant* further = user.add_grants();
    further->set_role(v1::ROLE_REVIEWER);
    further->set_proposed_by(proposed_by);
  }
  storage::Credential credential;
  credential.user_id = user.user_id();
  credential.password_hash = HashPassword(app::kPassword);
  credential.expires_us = server_.site().clock().Now() + 3'600'000'000;
  user.set_credential_sha256(storage::CredentialDigest(credential));
  storage::ActInfo info;
  info.act = v1::ACT_START_SERVER;
  EXPECT_TRUE(server_.site().writer().Execute(info, [&](storage::Transaction& tx) {
    tx.Put(user);
    tx.PutCredential(credential);
    return lims::Result<void>();
  }));
  return user.user_id();
}

std::string RecordsInState::Terminal(v1::TerminalState state) {
  v1::Terminal terminal;
  terminal.set_name(NewName("bench-"));
  terminal.set_certificate_sha256("certificate of " + terminal.name());
  terminal.set_state(state);
  server_.Put({&terminal});
  return terminal.name();
}

std::string RecordsInState::ClockStep(const std::string& administrator, const std::string& qa) {
  v1::ClockStep step;
  step.set_number(++names_);
  const bool confirmed = !administrator.empty() && !qa.empty();
  step.set_state(confirmed ? v1::CLOCK_STEP_STATE_CONFIRMED : v1::CLOCK_STEP_STATE_WAITING);
  if (!administrator.empty()) step.mutable_administrator()->set_user_id(administrator);
  if (!qa.empty()) step.mutable_qa()->set_user_id(qa);
  server_.Put({&step});
  return std::to_string(step.number());
}

std::string RecordsInState::Method(v1::VersionState state, const std::string& author) {
  v1::Method method;
  method.set_method_id(NewName("M-"));
  method.set_version(1);
  method.set_state(state);
  method.set_name_en("A test");
  method.set_panel("PH2");
  method.set_assay("generic_value");
  method.set_effective_date("2026-03-02");
  method.set_author(author);
  method_etag_ = server_.Put({&method});
  return method.method_id();
}

std::string RecordsInState::Specification(v1::VersionState state, const std::string& author) {
  v1::Product product;
  product.set_product_id(NewName("P-"));
  v1::Specification head;
  head.set_product_id(product.product_id());
  head.set_revision(1);
  head.set_state(state);
  head.set_title_en("A specification");
  head.set_effective_date("2026-03-02");
  head.set_author(author);
  server_.Put({&product, &head});
  return product.product_id();
}

void RecordsInState::SetMethodState(const std::string& method_id, v1::VersionState state) {
  auto method = server_.Find<v1::Method>({method_id, 1});
  ASSERT_TRUE(method);
  method->set_state(state);
  server_.Put({&*method});
}

void RecordsInState::SetSpecificationState(const std::string& product_id, v1::VersionState state) {
  auto head = server_.Find<v1::Specification>({product_id, 1});
  ASSERT_TRUE(head);
  head->set_state(state);
  server_.Put({&*head});
}

}  // namespace lims::rpc
