#include <tuple>

#include "app/lot_view.h"
#include "support/refusal.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class LotRelease : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.ReleaseBank();
    fixture.AddLot("A", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  }
  Result<v1::PrepareSignatureResponse> PrepareHold() {
    v1::PrepareSignatureRequest prepare;
    prepare.mutable_intent()->mutable_hold()->set_lot_id("A");
    prepare.mutable_intent()->mutable_hold()->set_reason("to be checked");
    return PrepareSignature(fixture.site(), fixture.As("qa1", "SignatureService/PrepareSignature"),
                            prepare);
  }

  static v1::SpecificationText AnotherProduct(const std::string& attestations) {
    return FromText<v1::SpecificationText>(
        "product { product_id: 'R' name_en: 'Another product' name_zh: '另一产品' } "
        "specification { product_id: 'R' revision: 1 title_en: 'T' title_zh: '标题' basis: 'test' "
        "effective_date: '2026-01-02' paper_approval { document: 'QA-3' date: '2026-01-01' } } " +
        attestations);
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
  const std::string release = "release { lot_id: 'A' decision: DECISION_RELEASE }";
  const std::string attest = "attest { lot_id: 'A' attestations { code: 'BPR' document: 'B-1' } }";
};

TEST_F(LotRelease, NeedsResultReviewAndAttestation) {
  const auto early = fixture.SignIntent("qp1", release);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, ErrorReason::kNotReleasable);
  EXPECT_EQ(early.error().violations.size(), 2u);  // not tested, not attested
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  fixture.Must(fixture.SignIntent("qa1", attest));
  EXPECT_EQ(fixture.SignIntent("qp1", release).error().reason, ErrorReason::kNotReleasable);
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent("qp1", release));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_RELEASED);
}

TEST_F(LotRelease, ShowsEveryOtherTestOfALotInQuarantine) {
  fixture.AddSample("A", "A-S2", "STABILITY");
  v1::SubmitResultRequest stability = PhValue("A", "6.0");
  stability.set_sample_id("A-S2");
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, stability));
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  v1::GetBlockersRequest request;
  request.set_lot_id("A");
  const auto view = fixture.site().store().Read(
      [&](storage::Records& records) { return GetBlockers(fixture.site(), records, request); });
  ASSERT_TRUE(view) << view.error().message;
  ASSERT_EQ(view->other_tests_size(), 1);
  EXPECT_EQ(view->other_tests(0).sample_id(), "A-S2");
}

TEST_F(LotRelease, IsADecisionThatTheLotCanHaveWithRemarksOfALine) {
  fixture.AddLot("B", "MCB");
  const auto field_of = [&](const std::string& intent) {
    const auto act = fixture.SignIntent("qp1", "release { " + intent + " }");
    return act || act.error().violations.empty() ? "" : act.error().violations[0].field;
  };
  const std::string decision = "intent.release.decision";
  EXPECT_EQ(field_of("lot_id: 'A' decision: DECISION_REJECT"), decision);
  EXPECT_EQ(field_of("lot_id: 'B' decision: DECISION_CONDITIONAL_RELEASE receiving_sites: 'C'"),
            decision);
  EXPECT_EQ(
      field_of("lot_id: 'A' decision: DECISION_RELEASE remarks: '" + std::string(501, 'a') + "'"),
      "intent.release.remarks");
}

TEST_F(LotRelease, AWithdrawnLotIsReleasedAgainOnlyOnWhatIsSignedSince) {
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  const auto sign = [&] {
    fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
    fixture.Must(fixture.SignIntent("qa1", attest));
  };
  sign();
  fixture.Must(fixture.SignIntent("qp1", release));
  EXPECT_FALSE(fixture.SignIntent("qa1", attest));
  fixture.Must(fixture.SignIntent("qa1", "withdraw { lot_id: 'A' reason: 'label in question' }"));
  const auto early = fixture.SignIntent("qp1", release);
  ASSERT_FALSE(early);
  ASSERT_EQ(early.error().violations.size(), 2u);
  EXPECT_EQ(early.error().violations[0].field, "NOT_REVIEWED PH");
  EXPECT_EQ(early.error().violations[1].field, "NOT_ATTESTED BPR");
  EXPECT_NE(early.error().violations[1].description.find("signed before the withdrawal"),
            std::string::npos);
  sign();
  EXPECT_EQ(fixture.SignIntent("rev1", "review { lot_id: 'A' }").error().reason,
            ErrorReason::kWrongState);
  fixture.Must(fixture.SignIntent("qp1", release));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_RELEASED);
}

TEST_F(LotRelease, OutOfSpecificationOnlyEndsInRejection) {
  fixture.Must(fixture.SubmitPh("A", "7.7"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
  fixture.Must(fixture.SignIntent("qa1", attest));
  const auto refused = fixture.SignIntent("qp1", release);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "OOS PH");
  const auto again = fixture.SubmitPh("A", "7.2");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, ErrorReason::kWrongState);
  fixture.Must(fixture.SignIntent("qa1", "reject { lot_id: 'A' reason: 'pH out of range' }"));
  EXPECT_EQ(fixture.Lot("A").disposition(), v1::DISPOSITION_REJECTED);
}

TEST_F(LotRelease, AReviewNamesWhatStillWaits) {
  fixture.AddMethods({PhMethod("OSM")});
  auto text = AnotherProduct("");
  for (const std::string line : {"PH", "OSM"}) {
    *text.add_lines() = PhLine(line, "number: '" + line + R"('
      gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
  }
  fixture.AddSpecification(text);
  fixture.AddLot("B", "MCB", "", "R");
  fixture.Must(fixture.SubmitPh("B", "7.2"));
  const std::string review = "review { lot_id: 'B' line_codes: 'PH' }";
  fixture.Must(fixture.SignIntent("rev1", review));
  EXPECT_NE(Words(fixture.SignIntent("rev1", review)).find("no result of lot B waits for review"),
            std::string::npos);
  fixture.Must(
      fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, PhValue("B", "7.1", "OSM")));
  EXPECT_EQ(Words(fixture.SignIntent("rev1", review)),
            "PH of lot B is reviewed already; these wait: OSM");
}

TEST_F(LotRelease, AReviewerIsShownWhatAFileStatesOfItself) {
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  v1::Run run = fixture.ShowRun(fixture.ShowLot("A").attempts(0).run_id()).run();
  run.add_flags("CALIBRATION_EXPIRED: Background");
  ASSERT_TRUE(fixture.site().writer().Execute({}, [&](storage::Transaction& tx) -> Result<void> {
    tx.Put(run);
    return {};
  }));
  const auto prepared =
      PrepareSignature(fixture.site(), fixture.As("rev1", "SignatureService/PrepareSignature"),
                       FromText<v1::PrepareSignatureRequest>("intent { review { lot_id: 'A' } }"));
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_NE(prepared->manifest().find("VALID [CALIBRATION_EXPIRED: Background]"), std::string::npos)
      << prepared->manifest();
}

TEST_F(LotRelease, AnAttestationGivenAnewSaysWhatItReplaces) {
  fixture.Must(fixture.SignIntent("qa1", attest));
  const auto prepared =
      PrepareSignature(fixture.site(), fixture.As("qa1", "SignatureService/PrepareSignature"),
                       FromText<v1::PrepareSignatureRequest>(
                           "intent { attest { lot_id: 'A' attestations { code: 'BPR' document: "
                           "'B-2' } } }"));
  ASSERT_TRUE(prepared) << prepared.error().message;
  EXPECT_NE(prepared->manifest().find("as QA, document B-2 (was B-1 by qa1)"), std::string::npos)
      << prepared->manifest();
}

TEST_F(LotRelease, ListOfLotsNamesThoseOnHold) {
  const auto held = [this] {
    const auto page = fixture.site().store().Read([this](storage::Records& records) {
      return ListLots(fixture.site(), records, v1::ListLotsRequest());
    });
    return std::vector<std::string>(page->held_lot_ids().begin(), page->held_lot_ids().end());
  };
  EXPECT_TRUE(held().empty());
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'label' }"));
  EXPECT_EQ(held(), std::vector<std::string>{"A"});
  const std::string lift = "unhold { lot_id: 'A' number: 1 reason: 'checked' }";
  fixture.Must(fixture.SignIntent("qa1", lift));
  EXPECT_TRUE(held().empty());
  EXPECT_EQ(fixture.SignIntent("qa1", lift).error().reason, ErrorReason::kWrongState);
}

TEST_F(LotRelease, AnalystMayNotReviewAndAuthorMayNotApprove) {
  fixture.AddPerson("both", v1::ROLE_TECHNICIAN);
  v1::GrantRoleRequest grant;
  grant.set_user_id("both");
  grant.set_role(v1::ROLE_REVIEWER);
  fixture.Must(fixture.Do("admin1", "AccessService/GrantRole", &GrantRole, grant));
  v1::ConfirmUserRequest confirm;
  confirm.set_user_id("both");
  confirm.add_roles(grant.role());
  EXPECT_EQ(fixture.Do("admin1", "AccessService/ConfirmUser", &ConfirmUser, confirm).error().reason,
            ErrorReason::kSegregation);
  fixture.Must(fixture.Do("admin2", "AccessService/ConfirmUser", &ConfirmUser, confirm));
  fixture.Must(fixture.Do("both", "RunService/SubmitResult", &SubmitResult, PhValue("A", "7.2")));
  EXPECT_EQ(fixture.SignIntent("both", "review { lot_id: 'A' }").error().reason,
            ErrorReason::kSegregation);
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' }"));
}

// An audit trail review says nothing about a run that came afterwards.
TEST_F(LotRelease, AReviewNamesLinesThatHaveAResult) {
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  const auto review = fixture.SignIntent("rev1", "review { lot_id: 'A' line_codes: ['PH', 'X'] }");
  ASSERT_FALSE(review);
  ASSERT_EQ(review.error().violations.size(), 1u);
  EXPECT_EQ(review.error().violations[0].field, "intent.review.line_codes");
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'A' line_codes: 'PH' }"));
}

TEST_F(LotRelease, AReviewOfTheRunsIsGivenAgainAfterALaterRun) {
  auto text = AnotherProduct(R"(
      attestations { code: "RUNS" name_en: "Audit trails reviewed" name_zh: "审计追踪已审核"
        role: ROLE_QA gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB }
        document_kind: "review record" source: "test" covers_attempts: true })");
  *text.add_lines() = PhLine("PH", R"(number: "1"
      gates { gate: GATE_BANK lot_kinds: LOT_KIND_MCB })");
  fixture.AddSpecification(text);
  fixture.AddLot("B", "MCB", "", "R");
  const std::string runs = "attest { lot_id: 'B' attestations { code: 'RUNS' document: 'R-1' } }";
  const std::string release_b = "release { lot_id: 'B' decision: DECISION_RELEASE }";
  fixture.Must(fixture.SignIntent("qa1", runs));
  fixture.Must(fixture.SubmitPh("B", "7.2"));
  fixture.Must(fixture.SignIntent("rev1", "review { lot_id: 'B' }"));
  const auto lapsed = fixture.SignIntent("qp1", release_b);
  ASSERT_FALSE(lapsed);
  ASSERT_EQ(lapsed.error().violations.size(), 1u);
  EXPECT_EQ(lapsed.error().violations[0].field, "NOT_ATTESTED RUNS");
  EXPECT_NE(lapsed.error().violations[0].description.find("came or changed after the signature"),
            std::string::npos);
  const auto shown =
      PrepareSignature(fixture.site(), fixture.As("qa1", "SignatureService/PrepareSignature"),
                       FromText<v1::PrepareSignatureRequest>("intent { " + runs + " }"));
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_NE(shown->manifest().find("covered by RUNS: attempt 1 of PH"), std::string::npos)
      << shown->manifest();
  fixture.Must(fixture.SignIntent("qa1", runs));
  fixture.Must(fixture.SignIntent("qp1", release_b));
}

TEST_F(LotRelease, AttestationsNameLinesOfTheLotAndTheirDocuments) {
  using Names = std::vector<std::string>;
  const auto fields_of = [&](const std::string& attestations) {
    return Fields(
        fixture.SignIntent("qa1", "attest { lot_id: 'A' attestations: [" + attestations + "] }"));
  };
  const std::string field = "intent.attest.attestations";
  EXPECT_EQ(fields_of(""), Names{field});
  EXPECT_EQ(fields_of("{ code: 'NONE' document: 'B-1' }, { code: 'BPR' }"),
            (Names{field + "[0].code", field + "[1].document"}));
  EXPECT_EQ(fields_of("{ code: 'BPR' document: 'B-1' }, { code: 'BPR' document: 'B-2' }"),
            Names{field + "[1].code"});
}

TEST_F(LotRelease, AnAttestationIsSignedInTheRoleOfItsLine) {
  auto text = AnotherProduct(R"(
      attestations { code: "BPR" name_en: "Batch record reviewed" name_zh: "批记录已审核"
        role: ROLE_QA gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        document_kind: "batch record" source: "test" }
      attestations { code: "CERT" name_en: "Certificate checked" name_zh: "证书已核对"
        role: ROLE_QP gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT }
        document_kind: "certificate" source: "test" })");
  *text.add_lines() = PhLine("PH", R"(number: "1"
      gates { gate: GATE_S2 lot_kinds: LOT_KIND_DRUG_PRODUCT })");
  fixture.AddSpecification(text);
  fixture.AddLot("B", "DRUG_PRODUCT", "", "R");
  fixture.AddPerson("both", v1::ROLE_QA);
  fixture.Must(fixture.DoText<v1::GrantRoleRequest>("admin1", "AccessService/GrantRole", &GrantRole,
                                                    "user_id: 'both' role: ROLE_QP"));
  fixture.Must(fixture.DoText<v1::ConfirmUserRequest>(
      "admin2", "AccessService/ConfirmUser", &ConfirmUser, "user_id: 'both' roles: ROLE_QP"));
  const std::string as_qa = "attestations { code: 'BPR' document: 'B-1' } ";
  const std::string as_qp = "attestations { code: 'CERT' document: 'C-1' } ";
  for (const auto& [statement, role, word] : {std::tuple(as_qa, v1::ROLE_QA, "\nrole: QA\n"),
                                              std::tuple(as_qp, v1::ROLE_QP, "\nrole: QP\n")}) {
    const auto act = fixture.SignIntent("both", "attest { lot_id: 'B' " + statement + "}");
    fixture.Must(act);
    ASSERT_TRUE(act);
    for (const v1::Event& event : act->events) {
      EXPECT_EQ(event.actor().role(), role);
      for (const v1::Record& record : event.records()) {
        if (record.has_attestation()) {
          EXPECT_EQ(record.attestation().role(), role);
        }
        if (!record.has_signature()) continue;
        EXPECT_EQ(record.signature().role(), role);
        EXPECT_NE(record.signature().note().find(word), std::string::npos);
      }
    }
  }
  const auto mixed = fixture.SignIntent("both", "attest { lot_id: 'B' " + as_qp + as_qa + "}");
  ASSERT_FALSE(mixed);
  ASSERT_EQ(mixed.error().violations.size(), 1u);
  EXPECT_EQ(mixed.error().violations[0].field, "intent.attest.attestations[1].code");
  EXPECT_NE(mixed.error().violations[0].description.find("QA, the first by QP"), std::string::npos);
}

TEST_F(LotRelease, AManifestThatAgedIsRefusedNamingTheChange) {
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  const auto prepared = PrepareHold();
  ASSERT_TRUE(prepared) << prepared.error().message;
  fixture.Must(fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'another question' }"));
  const auto late = fixture.SignManifest("qa1", prepared->manifest());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().reason, ErrorReason::kChanged);
  EXPECT_EQ(late.error().violations[0].field, "hold/A/1");
}

TEST_F(LotRelease, ASignatureNeedsTheOwnPasswordAndIsGivenOnce) {
  const auto prepared = PrepareHold();
  ASSERT_TRUE(prepared);
  EXPECT_EQ(fixture.SignManifest("qa1", prepared->manifest(), "not the password").error().reason,
            ErrorReason::kWrongCredentials);
  std::string altered = prepared->manifest();
  altered.replace(altered.find("to be checked"), 13, "to be dropped");
  EXPECT_FALSE(fixture.SignManifest("qa1", altered));
  fixture.Must(fixture.SignManifest("qa1", prepared->manifest()));
  EXPECT_EQ(fixture.SignManifest("qa1", prepared->manifest()).error().reason,
            ErrorReason::kWrongState);
}

TEST_F(LotRelease, ASignatureSaysInWhoseSessionItWasMadeAndKeepsRemarkAndReasonApart) {
  const auto prepared = PrepareHold();
  ASSERT_TRUE(prepared);
  v1::SignRequest request;
  request.set_manifest(prepared->manifest());
  request.set_user_id("qa1");
  request.set_password(kPassword);
  request.set_comment("seen with the team");
  const auto act = fixture.Do("tech1", "SignatureService/Sign", &Sign, request);
  fixture.Must(act);
  EXPECT_EQ(act->events[0].actor().user_id(), "qa1");
  EXPECT_EQ(act->events[0].reason().text(), "to be checked");
  v1::SignResponse response;
  FillResponse(*act, &response);
  const v1::Signature& signature = response.signature();
  EXPECT_EQ(signature.user_id(), "qa1");
  EXPECT_EQ(signature.session_user_id(), "tech1");
  EXPECT_EQ(signature.comment(), "seen with the team");
  EXPECT_NE(signature.note().find("\nsession-of: tech1\ncomment: seen with the team\n\n"),
            std::string::npos)
      << signature.note();
}

TEST_F(LotRelease, ASignatureInOnesOwnSessionWithoutRemarkSaysNothingOfThem) {
  const auto act = fixture.SignIntent("qa1", "hold { lot_id: 'A' reason: 'to be checked' }");
  fixture.Must(act);
  v1::SignResponse response;
  FillResponse(*act, &response);
  EXPECT_EQ(response.signature().session_user_id(), "");
  EXPECT_EQ(response.signature().note().find("session-of"), std::string::npos);
  EXPECT_EQ(response.signature().note().find("comment"), std::string::npos);
}

TEST_F(LotRelease, TheSameRequestIdGivesTheSameActAndOtherContentIsRefused) {
  v1::SubmitResultRequest request = PhValue("A", "7.2");
  request.set_request_id(NewUuid());
  const auto first = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  fixture.Must(first);
  const auto second = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  fixture.Must(second);
  EXPECT_TRUE(second->replayed);
  EXPECT_EQ(first->first_index, second->first_index);
  v1::SubmitResultResponse a;
  v1::SubmitResultResponse b;
  FillResponse(*first, &a);
  FillResponse(*second, &b);
  EXPECT_EQ(a.results(0).SerializeAsString(), b.results(0).SerializeAsString());
  request.mutable_entries(0)->mutable_value()->set_value("7.3");
  EXPECT_EQ(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request).error().reason,
            ErrorReason::kRequestIdReused);
}

TEST_F(LotRelease, RolesDecideWhoMayAct) {
  const auto submitted =
      fixture.Do("qa1", "RunService/SubmitResult", &SubmitResult, PhValue("A", "7.2"));
  EXPECT_EQ(submitted.error().reason, ErrorReason::kPermissionDenied);
  EXPECT_EQ(fixture.SignIntent("tech1", release).error().reason, ErrorReason::kPermissionDenied);
  EXPECT_EQ(fixture.SignIntent("admin1", "hold { lot_id: 'A' reason: 'why not' }").error().reason,
            ErrorReason::kPermissionDenied);
}

TEST_F(LotRelease, BadValuesAreNamedAndLeaveNothingBehind) {
  for (const std::string value :
       {"", "7,2", "NaN", "1e400", "12345678901234567890123456789012345"}) {
    const auto refused = fixture.SubmitPh("A", value);
    ASSERT_FALSE(refused) << value;
    EXPECT_EQ(refused.error().reason, ErrorReason::kInvalidArgument) << value;
    ASSERT_FALSE(refused.error().violations.empty());
    EXPECT_EQ(refused.error().violations[0].field, "entries[0].value") << value;
  }
  const auto odd = fixture.SubmitPh("A", "9.9");
  EXPECT_TRUE(odd) << odd.error().message;  // plausible, though out of specification
  fixture.AddLot("B", "DRUG_PRODUCT", "parents { lot_id: 'MCB-1' }");
  const auto implausible = fixture.SubmitPh("B", "72");
  ASSERT_FALSE(implausible);
  EXPECT_TRUE(implausible.error().violations[0].field.ends_with("plausibility"));
  v1::SubmitResultRequest confirmed = PhValue("B", "72");
  confirmed.set_plausibility_confirmed(true);
  fixture.Must(fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, confirmed));
}

TEST_F(LotRelease, FiveWrongPasswordsLockTheAccount) {
  v1::LogInRequest request;
  request.set_user_id("tech1");
  request.set_password("wrong");
  const Call call = fixture.As("", "AccessService/LogIn");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(LogIn(fixture.site(), call, request).error().reason, ErrorReason::kWrongCredentials);
  }
  request.set_password(kPassword);
  // The lock is an act of its own, recorded right behind the fifth failure.
  Result<v1::LogInResponse> locked = LogIn(fixture.site(), call, request);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().reason, ErrorReason::kAccountLocked);
}

TEST_F(LotRelease, ARestartKeepsEverythingButSessions) {
  fixture.Must(fixture.SubmitPh("A", "7.2"));
  fixture.Close();
  fixture.Open();
  const auto view = fixture.site().store().Read(
      [](storage::Records& records) { return LoadLotView(records, "A"); });
  ASSERT_TRUE(view);
  ASSERT_EQ(view->results.size(), 1u);
  EXPECT_EQ(view->results[0].record.value_reported(), "7.2");
  EXPECT_EQ(Site::Open(folder.path(), fixture.clock()).error().reason, ErrorReason::kUnavailable);
}

}  // namespace
}  // namespace lims::app
