// Puts records in any state into a served site, each under a name of its own.
#ifndef LIMS_TESTS_RPC_RECORDS_IN_STATE_H_
#define LIMS_TESTS_RPC_RECORDS_IN_STATE_H_

#include <string>

#include "lims/v1/lot.pb.h"
#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/specification.pb.h"
#include "lims/v1/user.pb.h"
#include "rpc/server_fixture.h"

namespace lims::rpc {

// Lots are of product P, revision 1, as SiteFixture::Prepare() makes it.
class RecordsInState {
 public:
  explicit RecordsInState(RpcServer& server);

  // The names given last.
  const std::string& lot() const { return lot_; }
  const std::string& run() const { return run_; }

  // A name that nothing has.
  std::string NewName(const std::string& prefix);

  std::string Lot(v1::Disposition disposition, v1::LotKind kind = v1::LOT_KIND_DRUG_PRODUCT,
                  const std::string& confirmed_by = "other1",
                  const std::string& registered_by = "other2");
  // Gives the lot made last another disposition.
  void SetDisposition(v1::Disposition disposition);
  // A sample for release of the lot made last.
  std::string Sample(v1::SampleState state, const std::string& taken_by = "other1");
  // A run of M-PH on a new lot, with its map and one reading.
  std::string Run(v1::RunState state, const std::string& late_reason = "", bool read = true);
  // A valid, passing result of line PH of the lot made last.
  void Result(const std::string& analyst = "other1");
  // The result reviewed.
  void Review(const std::string& reviewer = "other2");
  // A bank with all that its release needs.
  std::string ReleasableBank(const std::string& analyst = "other1",
                             const std::string& reviewer = "other2");
  // A new lot with a typed, valid, passing value of line PH.
  void Typed();
  // A new lot with a pH of 7.2 copied from a report, kScan, which waits for its second entry. Gives
  // its run.
  static constexpr const char* kScan = "scanned";
  std::string Copied(const std::string& entered_by = "other1");
  // Amendment 1 of that value, to 7.2.
  void Amendment(v1::AmendmentState state, const std::string& proposed_by = "other1");
  // Look 1 at data of a run in that state, on a new lot.
  void Look(v1::RunState state, const std::string& user = "other1",
            const std::string& cleared_by = "");
  // A new bank with an external certificate, whose scan is kScan.
  void Certificate(const std::string& entered_by = "other1", const std::string& confirmed_by = "");
  // A received sample in the keeping of a person, handed over to another.
  std::string Kept(const std::string& custodian, const std::string& handed_to = "");
  // Hold 1 of the lot made last.
  void Hold(bool lifted);
  // An account with app::kPassword; `proposed_by` proposes a further role that waits, and gave the
  // one-time code of a PROPOSED one.
  std::string User(v1::UserState state, const std::string& proposed_by = "");
  std::string Terminal(v1::TerminalState state);
  // The number of a new step of the clock; who confirmed it, empty for nobody.
  std::string ClockStep(const std::string& administrator, const std::string& qa);
  // Version 1 of a method or revision 1 of a new product's specification.
  std::string Method(v1::VersionState state, const std::string& author = "other1");
  std::int64_t method_etag() const { return method_etag_; }  // of the method made last
  std::string Specification(v1::VersionState state, const std::string& author = "other1");
  void SetMethodState(const std::string& method_id, v1::VersionState state);
  void SetSpecificationState(const std::string& product_id, v1::VersionState state);

  // A certificate request, with "\n" written for line ends.
  const std::string& certificate_request() const { return certificate_request_; }

 private:
  RpcServer& server_;
  int names_ = 0;
  std::string lot_;
  std::string run_;
  std::string certificate_request_;
  std::int64_t result_etag_ = 0;
  std::int64_t method_etag_ = 0;
};

}  // namespace lims::rpc

#endif  // LIMS_TESTS_RPC_RECORDS_IN_STATE_H_
