// The acts behind each signature meaning, in one file a subject: what is shown, what is done.
#ifndef LIMS_APP_SIGNED_ACTS_H_
#define LIMS_APP_SIGNED_ACTS_H_

#include <string>
#include <vector>

#include "app/signing.h"
#include "domain/lot_view.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::app {

// signed_texts.cc: one line for each kind of record, as the signer reads it.
void Show(std::vector<v1::ShownRecord>* shown, const google::protobuf::Message& record,
          std::int64_t etag, std::string text);
using ShownRecords = google::protobuf::RepeatedPtrField<v1::ShownRecord>;
// What differs, named by record: first the records of `before` in their order, then new ones.
std::vector<Violation> Differences(const ShownRecords& before, const ShownRecords& now);
std::string Text(const v1::Result& result);
std::string Text(const v1::Attempt& attempt);
std::string Text(const v1::Amendment& amendment);
std::string Text(const v1::Look& look);
std::string Text(const v1::ExternalCertificate& certificate);
std::string Text(const v1::Lot& lot);
std::string Text(const v1::Hold& hold);
void ShowHolds(const domain::LotView& view, std::vector<v1::ShownRecord>* shown);
void ShowLot(const domain::LotView& view, std::vector<v1::ShownRecord>* shown);

// signed_review.cc
Result<SignedAct> DescribeReview(storage::Records& records, const v1::ReviewIntent& intent);
Result<void> PerformReview(storage::Transaction& tx, const v1::ReviewIntent& intent,
                           const v1::Signature& signature);

// signed_approvals.cc
Result<SignedAct> DescribeApproveMethod(storage::Records& records,
                                        const v1::ApproveMethodIntent& intent,
                                        const std::string& signature_id, TimeUs now, int offset);
Result<void> PerformApproveMethod(storage::Transaction& tx, const v1::ApproveMethodIntent& intent,
                                  const v1::Signature& signature);
Result<SignedAct> DescribeApproveSpecification(storage::Records& records,
                                               const v1::ApproveSpecificationIntent& intent,
                                               TimeUs now, int offset);
Result<void> PerformApproveSpecification(storage::Transaction& tx,
                                         const v1::ApproveSpecificationIntent& intent,
                                         const v1::Signature& signature);

// signed_statements.cc: lot facts and attestations.
Result<SignedAct> DescribeFacts(storage::Records& records, const v1::DeclareFactIntent& intent);
Result<void> PerformFacts(storage::Transaction& tx, const v1::DeclareFactIntent& intent,
                          const v1::Signature& signature);
Result<SignedAct> DescribeAttest(storage::Records& records, const v1::AttestIntent& intent);
Result<void> PerformAttest(storage::Transaction& tx, const v1::AttestIntent& intent,
                           const v1::Signature& signature);

// signed_decisions.cc
// What changed of the evidence that the lot's last release rests on, into a response that holds the
// lot. Keeping its samples and deciding about the lot go on and change none.
Result<void> AddChangesSinceRelease(storage::Records& records, const domain::LotView& view,
                                    v1::GetLotResponse* response);
Result<SignedAct> DescribeRelease(storage::Records& records, const v1::ReleaseIntent& intent,
                                  TimeUs now, int offset);
Result<void> PerformRelease(storage::Transaction& tx, const v1::ReleaseIntent& intent,
                            const v1::Signature& signature);
Result<SignedAct> DescribeReject(storage::Records& records, const v1::RejectIntent& intent);
Result<void> PerformReject(storage::Transaction& tx, const v1::RejectIntent& intent,
                           const v1::Signature& signature);
Result<SignedAct> DescribeWithdraw(storage::Records& records, const v1::WithdrawIntent& intent);
Result<void> PerformWithdraw(storage::Transaction& tx, const v1::WithdrawIntent& intent,
                             const v1::Signature& signature);
Result<SignedAct> DescribeRecall(storage::Records& records, const v1::RecallIntent& intent);
Result<void> PerformRecall(storage::Transaction& tx, const v1::RecallIntent& intent,
                           const v1::Signature& signature);
Result<SignedAct> DescribeHold(storage::Records& records, const v1::HoldIntent& intent);
Result<void> PerformHold(storage::Transaction& tx, const v1::HoldIntent& intent,
                         const v1::Signature& signature);
Result<SignedAct> DescribeUnhold(storage::Records& records, const v1::UnholdIntent& intent);
Result<void> PerformUnhold(storage::Transaction& tx, const v1::UnholdIntent& intent,
                           const v1::Signature& signature);

}  // namespace lims::app

#endif  // LIMS_APP_SIGNED_ACTS_H_
