// A real site in a temporary directory, driven through the use cases as the services drive them.
#ifndef LIMS_TESTS_SUPPORT_SITE_FIXTURE_H_
#define LIMS_TESTS_SUPPORT_SITE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/access.h"
#include "app/catalogue.h"
#include "app/create_run.h"
#include "app/lots.h"
#include "app/readings.h"
#include "app/runs.h"
#include "app/samples.h"
#include "app/signing.h"
#include "app/site.h"
#include "app/submit_result.h"
#include "app/submit_run.h"
#include "base/random.h"
#include "support/temporary_folder.h"
#include "support/text_proto.h"

namespace lims::app {

inline constexpr char kPassword[] = "a long enough password";

// A method of which one typed pH is the result; panel, line and input have this name. `more` is
// text of further fields.
v1::Method PhMethod(const std::string& name, const std::string& more = "");
// Its line, judged by 6.8 to 7.6; number and gates are in `more`.
v1::SpecificationLine PhLine(const std::string& name, const std::string& more);
// Its value for a lot.
v1::SubmitResultRequest PhValue(const std::string& lot, const std::string& value,
                                const std::string& name = "PH");

// Time stands still unless a test moves it.
class SiteFixture {
 public:
  // 2026-03-01T00:00:00Z
  static constexpr TimeUs kStart = TimeUs{1772323200} * 1'000'000;

  // Makes the site, as of `now`, unless the folder has one.
  explicit SiteFixture(std::string folder, TimeUs now = kStart);

  void Open();
  void Close() { site_.reset(); }
  Site& site() { return *site_; }
  Clock clock() {
    return Clock([this] { return now_us + clock_set_us; }, [this] { return now_us; });
  }

  Call As(const std::string& user, const std::string& method);

  // Plans and records as the adapter does; a request id is made when none is given.
  template <typename Request, typename UseCase>
  Result<storage::RecordedAct> Do(const std::string& user, const std::string& method,
                                  UseCase use_case, Request request) {
    now_us += 1000;
    if (request.request_id().empty()) request.set_request_id(NewUuid());
    const Call call = As(user, method);
    return Record(call, request.request_id(), request, use_case(*site_, call, request));
  }

  // Records what was planned; may be called by several threads, as the site's clock stands still.
  Result<storage::RecordedAct> Record(const Call& call, const std::string& request_id,
                                      const google::protobuf::Message& request, Result<Plan> plan);

  // The request from protobuf text.
  template <typename Request, typename UseCase>
  Result<storage::RecordedAct> DoText(const std::string& user, const std::string& method,
                                      UseCase use_case, const std::string& text) {
    return Do(user, method, use_case, FromText<Request>(text));
  }

  Result<storage::RecordedAct> SignIntent(const std::string& user, const v1::Intent& intent);
  Result<storage::RecordedAct> SignIntent(const std::string& user, const std::string& intent) {
    return SignIntent(user, FromText<v1::Intent>(intent));
  }
  Result<storage::RecordedAct> SignManifest(const std::string& user, const std::string& manifest,
                                            const std::string& password = kPassword);

  static void Must(const Result<storage::RecordedAct>& act);

  // An active account with one role and the common password.
  void AddPerson(const std::string& user, v1::Role role);
  // Of the administrators that the site was made with.
  void SetAdministratorsPasswords();

  // Imported and handed in, not approved.
  void HandInMethod(const std::string& author, const v1::Method& method);
  // In force, by an author and by who approves.
  void AddMethods(const std::vector<v1::Method>& methods, const std::string& author = "md1",
                  const std::string& approver = "qa1");
  void AddSpecification(const v1::SpecificationText& text, const std::string& author = "md1",
                        const std::string& approver = "qa1");

  // People, one method, a specification with one judged line and one attestation, all approved.
  void Prepare();

  // A registered and confirmed lot with one received sample for release, "LOT-S1".
  void AddLot(const std::string& lot, const std::string& kind, const std::string& parents = "",
              const std::string& product = "P");
  void AddSample(const std::string& lot, const std::string& sample,
                 const std::string& purpose = "RELEASE");

  Result<storage::RecordedAct> SubmitPh(const std::string& lot, const std::string& value);

  // The id of a run that was created; a failure of the test when it was not.
  static std::string RunOf(const Result<storage::RecordedAct>& created);
  // The id of an open run of PhMethod on "LOT-S1", and what ends it.
  std::string StartPh(const std::string& lot, const std::string& name);
  Result<storage::RecordedAct> FinishPh(const std::string& run, const std::string& value,
                                        const std::string& name);

  // A bank that is released, so that a product lot may have a parent.
  void ReleaseBank(const std::string& bank = "MCB-1", const std::string& product = "P");

  // What people are shown; empty, and a failure of the test, when it is refused.
  v1::GetLotResponse ShowLot(const std::string& lot);
  v1::GetRunResponse ShowRun(const std::string& run);
  // Of the final gate unless another is named.
  std::vector<v1::Blocker> Blockers(const std::string& lot, v1::Gate gate = v1::GATE_UNSPECIFIED);
  bool IsBlocked(const std::string& lot, v1::BlockerKind kind);

  v1::Lot Lot(const std::string& lot);

  TimeUs now_us;
  // How far the wall clock was set ahead of that.
  TimeUs clock_set_us = 0;

 private:
  void SetFirstPassword(const std::string& user, const std::string& code);

  std::string folder_;
  std::unique_ptr<Site> site_;
};

}  // namespace lims::app

#endif  // LIMS_TESTS_SUPPORT_SITE_FIXTURE_H_
