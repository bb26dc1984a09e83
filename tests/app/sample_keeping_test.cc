// Samples in the laboratory: amounts that close, windows, custody.
#include "app/sample_keeping.h"

#include "support/refusal.h"
#include "support/site_fixture.h"

namespace lims::app {
namespace {

class SampleKeeping : public ::testing::Test {
 protected:
  void SetUp() override {
    fixture.Prepare();
    fixture.AddLot("A", "MCB");
  }

  v1::Sample Sample(const std::string& id) {
    const auto sample = fixture.site().store().Read(
        [&](storage::Records& records) { return records.Get<v1::Sample>({id}); });
    EXPECT_TRUE(sample);
    return sample ? sample->record : v1::Sample();
  }
  Result<storage::RecordedAct> Divide(const std::string& part, const std::string& amount,
                                      const std::string& unit = "mL",
                                      const std::string& user = "sup1") {
    return fixture.DoText<v1::AliquotSampleRequest>(
        user, "LotService/AliquotSample", &AliquotSample,
        "sample_id: 'A-S1' aliquot_id: '" + part + "' container: '2' storage: '<= -150 °C' " +
            "amount { value: '" + amount + "' unit: '" + unit + "' }");
  }
  Result<storage::RecordedAct> HandOver(const std::string& from, const std::string& to) {
    return fixture.DoText<v1::HandOverSampleRequest>(
        from, "LotService/HandOverSample", &HandOverSample,
        "sample_id: 'A-S1' to_user: '" + to + "' condition: 'frozen'");
  }
  Result<storage::RecordedAct> Accept(const std::string& user) {
    return fixture.DoText<v1::AcceptSampleRequest>(user, "LotService/AcceptSample", &AcceptSample,
                                                   "sample_id: 'A-S1' condition: 'frozen'");
  }
  Result<storage::RecordedAct> Thaw(const std::string& time) {
    return fixture.DoText<v1::ThawSampleRequest>("tech1", "LotService/ThawSample", &ThawSample,
                                                 "sample_id: 'W' thawed_time: '" + time + "'");
  }
  Result<storage::RecordedAct> Retain(const std::string& user = "tech1") {
    return fixture.DoText<v1::RetainSampleRequest>(user, "LotService/RetainSample", &RetainSample,
                                                   "sample_id: 'A-S1' storage: 'R3'");
  }
  Result<storage::RecordedAct> Dispose() {
    return fixture.DoText<v1::DisposeSampleRequest>("sup1", "LotService/DisposeSample",
                                                    &DisposeSample,
                                                    "sample_id: 'A-S1' reason: 'autoclaved'");
  }
  // A received sample W of lot A.
  void AddWindowed(const std::string& window) {
    fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
        "tech2", "LotService/PlanSample", &PlanSample,
        "sample_id: 'W' lot_id: 'A' purpose: PURPOSE_RELEASE sampling_point: 'DP' "
        "amount { value: '1.0' unit: 'mL' } " +
            window));
    fixture.Must(fixture.DoText<v1::TakeSampleRequest>(
        "tech2", "LotService/TakeSample", &TakeSample,
        "sample_id: 'W' taken_time: '2026-02-02T08:00:00+08:00'"));
    fixture.Must(fixture.DoText<v1::ReceiveSampleRequest>(
        "sup1", "LotService/ReceiveSample", &ReceiveSample, "sample_id: 'W' condition: 'frozen'"));
  }
  Result<storage::RecordedAct> Test(const std::string& sample) {
    v1::SubmitResultRequest request = PhValue("A", "7.0");
    request.set_sample_id(sample);
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  }

  TemporaryFolder folder;
  SiteFixture fixture{folder.path()};
};

TEST_F(SampleKeeping, APlanMadeInErrorIsCancelledWithItsReasonAndLeavesTheLotToBeVoided) {
  const auto cancel = [&](const std::string& sample, const std::string& reason) {
    return fixture.DoText<v1::CancelSampleRequest>(
        "tech1", "LotService/CancelSample", &CancelSample,
        "sample_id: '" + sample + "' reason: '" + reason + "'");
  };
  const auto void_lot = [&] {
    return fixture.DoText<v1::VoidLotRequest>("qa1", "LotService/VoidLot", &VoidLot,
                                              "lot_id: 'B' reason: 'registered twice'");
  };
  fixture.Must(fixture.DoText<v1::RegisterLotRequest>(
      "tech1", "LotService/RegisterLot", &RegisterLot,
      "lot_id: 'B' kind: LOT_KIND_MCB product_id: 'P' expiry: '2027-02' "
      "manufacture_time: '2026-02-01T08:00:00+08:00'"));
  fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
      "tech2", "LotService/PlanSample", &PlanSample,
      "sample_id: 'B-S1' lot_id: 'B' purpose: PURPOSE_TRAINING sampling_point: 'DP' "
      "amount { value: '1.0' unit: 'mL' }"));
  EXPECT_NE(Words(void_lot()).find("cancel the planned one with lims sample cancel"),
            std::string::npos);
  EXPECT_EQ(cancel("B-S1", "").error().violations[0].field, "reason");
  fixture.Must(cancel("B-S1", "planned for another lot"));
  EXPECT_EQ(Sample("B-S1").state(), v1::SAMPLE_STATE_CANCELLED);
  EXPECT_EQ(Sample("B-S1").cancel_reason(), "planned for another lot");
  EXPECT_EQ(Words(fixture.DoText<v1::TakeSampleRequest>(
                "tech2", "LotService/TakeSample", &TakeSample,
                "sample_id: 'B-S1' taken_time: '2026-02-02T08:00:00+08:00'")),
            "sample B-S1 is CANCELLED: plan another sample with lims sample plan");
  EXPECT_EQ(Words(cancel("A-S1", "not needed")),
            "sample A-S1 is RECEIVED: test it next with lims result submit or lims run create");
  fixture.Must(void_lot());
}

TEST_F(SampleKeeping, AmountsClose) {
  fixture.Must(Divide("A-S1-1", "0.40"));
  fixture.Must(Divide("A-S1-2", "0.6"));
  EXPECT_EQ(Sample("A-S1").used().value(), "1.00");
  EXPECT_EQ(Sample("A-S1-1").parent_sample_id(), "A-S1");
  EXPECT_EQ(Sample("A-S1-1").purpose(), v1::PURPOSE_RELEASE);
  EXPECT_EQ(Sample("A-S1-1").taken_by(), "tech2");
  EXPECT_NE(Words(Divide("A-S1-3", "0.01")).find("more than what is left of sample A-S1: 0"),
            std::string::npos);
}

TEST_F(SampleKeeping, IsNotTestedOnceNothingIsLeft) {
  fixture.Must(Divide("A-S1-1", "0.4"));
  fixture.Must(Divide("A-S1-2", "0.6"));
  const std::string empty =
      "sample A-S1 is used up: test what was divided from it: A-S1-1, A-S1-2, or say with "
      "--started when it was tested while some was left";
  EXPECT_EQ(Words(Test("A-S1")), empty);
  EXPECT_EQ(Words(fixture.DoText<v1::CreateRunRequest>(
                "tech1", "RunService/CreateRun", &CreateRun,
                "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: "
                "'PH' sample_id: 'A-S1' }")),
            "positions[0].sample_id: " + empty);
  // A report tells of a test that was made before.
  auto report = FromText<v1::SubmitResultRequest>(
      "source: RESULT_SOURCE_CONTRACT_LAB document { issuer: 'Contract laboratory' "
      "report_number: 'CL-77' performed_dates: '2026-02-20' } "
      "scan { file_name: 'CL-77.pdf' content: 'scanned' } sample_id: 'A-S1'");
  report.MergeFrom(PhValue("A", "7.0"));
  const auto copied = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, report);
  fixture.Must(copied);
  v1::SubmitResultResponse response;
  FillResponse(*copied, &response);
  fixture.Must(fixture.DoText<v1::AbortRunRequest>(
      "sup1", "RunService/AbortRun", &AbortRun,
      "run_id: '" + response.attempt().run_id() + "' reason: 'report withdrawn'"));
  fixture.Must(Test("A-S1-1"));
}

TEST_F(SampleKeeping, IsMappedAfterItWasUsedUpWhenTheTestWasBegunBefore) {
  const std::string before = FormatUtc(fixture.now_us);
  fixture.now_us += kMinute;
  fixture.Must(Divide("A-S1-1", "1.0"));
  fixture.Must(fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-PH' started_time: '" + before +
          "' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
          "sample_id: 'A-S1' }"));
}

TEST_F(SampleKeeping, MayBeUsedUpByTheTestItself) {
  const auto test = [&](const std::string& used, const std::string& started = "") {
    v1::SubmitResultRequest request = PhValue("A", "7.0");
    request.set_sample_id("A-S1");
    request.set_started_time(started);
    if (!used.empty()) {
      *request.mutable_used() = FromText<v1::MeasuredValue>("value: '" + used + "' unit: 'mL'");
    }
    return fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  };
  const std::string before = FormatUtc(fixture.now_us);
  fixture.now_us += kMinute;
  fixture.Must(test("1.0"));
  EXPECT_EQ(Words(test("")),
            "sample A-S1 is used up: plan another with lims sample plan, or say with "
            "--started when it was tested while some was left");
  // Made before and typed afterwards, as of a vial on which two things were seen. It is refused for
  // what it repeats, not for the sample.
  const auto earlier = test("", before);
  if (!earlier) {
    EXPECT_EQ(Words(earlier).find("nothing is left"), std::string::npos) << Words(earlier);
  }
}

TEST_F(SampleKeeping, AmountsCloseOnWhatWasTaken) {
  fixture.Must(fixture.DoText<v1::PlanSampleRequest>(
      "tech2", "LotService/PlanSample", &PlanSample,
      "sample_id: 'W' lot_id: 'A' purpose: PURPOSE_RELEASE sampling_point: 'DP' container: '1' "
      "amount { value: '5.0' unit: 'mL' }"));
  const auto take = [&](const std::string& more) {
    return fixture.DoText<v1::TakeSampleRequest>(
        "tech2", "LotService/TakeSample", &TakeSample,
        "sample_id: 'W' taken_time: '2026-02-02T08:00:00+08:00' " + more);
  };
  EXPECT_EQ(take("amount { value: '4.2' unit: 'g' }").error().violations[0].field, "amount.unit");
  EXPECT_EQ(take("amount { value: '0' unit: 'mL' }").error().violations[0].field, "amount.value");
  EXPECT_EQ(take("amount { unit: 'mL' }").error().violations[0].field, "amount.value");
  EXPECT_EQ(take("container: ' 7'").error().violations[0].field, "container");
  fixture.Must(take("amount { value: '4.20' unit: 'mL' } container: '7'"));
  EXPECT_EQ(Sample("W").amount().value(), "4.20");
  EXPECT_EQ(Sample("W").container(), "7");
  fixture.Must(fixture.DoText<v1::ReceiveSampleRequest>(
      "sup1", "LotService/ReceiveSample", &ReceiveSample, "sample_id: 'W' condition: 'frozen'"));
  const auto divide = [&](const std::string& amount) {
    return fixture.DoText<v1::AliquotSampleRequest>(
        "sup1", "LotService/AliquotSample", &AliquotSample,
        "sample_id: 'W' aliquot_id: 'W-1' container: '2' storage: '<= -150 °C' amount { value: '" +
            amount + "' unit: 'mL' }");
  };
  EXPECT_NE(Words(divide("4.21")).find("more than what is left of sample W: 4.20 mL"),
            std::string::npos);
  fixture.Must(divide("4.2"));
}

TEST_F(SampleKeeping, RefusesAnAliquotThatDoesNotFit) {
  EXPECT_EQ(Divide("A-S1-1", "1.01").error().violations[0].field, "amount.value");
  EXPECT_EQ(Divide("A-S1-1", "0").error().violations[0].field, "amount.value");
  EXPECT_EQ(Divide("A-S1-1", "1,5").error().violations[0].field, "amount.value");
  EXPECT_EQ(Divide("A-S1-1", "1", "L").error().violations[0].field, "amount.unit");
  EXPECT_EQ(Divide("A-S1", "1").error().reason, ErrorReason::kAlreadyExists);
  EXPECT_EQ(Divide("A-S1-1", "1", "mL", "tech1").error().reason, ErrorReason::kSegregation);
  EXPECT_FALSE(Sample("A-S1").has_used());
}

TEST_F(SampleKeeping, AmountsCloseOverWhatTestsUseUp) {
  fixture.Must(Divide("A-S1-1", "0.4"));
  v1::SubmitResultRequest request = PhValue("A", "7.0");
  request.set_sample_id("A-S1");
  *request.mutable_used() = FromText<v1::MeasuredValue>("value: '0.7' unit: 'mL'");
  const auto refused = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().violations[0].field, "used.value");
  EXPECT_NE(Words(refused).find("more than what is left of sample A-S1: 0.6 mL"),
            std::string::npos);
  EXPECT_EQ(Sample("A-S1").used().value(), "0.4");
  request.mutable_used()->set_value("0.25");
  const auto act = fixture.Do("tech1", "RunService/SubmitResult", &SubmitResult, request);
  fixture.Must(act);
  v1::SubmitResultResponse response;
  FillResponse(*act, &response);
  EXPECT_EQ(response.attempt().used().value(), "0.25");
  EXPECT_EQ(Sample("A-S1").used().value(), "0.65");
  EXPECT_FALSE(Divide("A-S1-2", "0.36"));
  fixture.Must(Divide("A-S1-2", "0.35"));
}

TEST_F(SampleKeeping, ARunUsesUpSamplesOnItsMapAndNoMoreThanIsLeft) {
  const auto create = [&](const std::string& uses) {
    return fixture.DoText<v1::CreateRunRequest>(
        "tech1", "RunService/CreateRun", &CreateRun,
        "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
        "sample_id: 'A-S1' } " +
            uses);
  };
  const auto use = [](const std::string& sample, const std::string& value) {
    return "uses { sample_id: '" + sample + "' amount { value: '" + value + "' unit: 'mL' } } ";
  };
  const auto refused = create(use("A-S9", "0.1") + use("A-S1", "0.1") + use("A-S1", "0.2"));
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().violations.size(), 2u);
  EXPECT_EQ(refused.error().violations[0].field, "uses[0].sample_id");
  EXPECT_EQ(refused.error().violations[1].field, "uses[2].sample_id");
  EXPECT_EQ(create(use("A-S1", "1.1")).error().violations[0].field, "uses[0].amount.value");
  fixture.Must(create(use("A-S1", "1")));
  EXPECT_FALSE(Divide("A-S1-1", "0.1"));
}

TEST_F(SampleKeeping, IsHandedOverByBothPeople) {
  EXPECT_EQ(HandOver("tech1", "tech2").error().reason, ErrorReason::kSegregation);
  EXPECT_EQ(HandOver("sup1", "nobody").error().violations[0].field, "to_user");
  fixture.Must(HandOver("sup1", "tech1"));
  EXPECT_NE(Words(Test("A-S1")).find("is being handed over to tech1"), std::string::npos);
  EXPECT_EQ(Accept("tech2").error().reason, ErrorReason::kSegregation);
  fixture.Must(Accept("tech1"));
  EXPECT_EQ(Sample("A-S1").custodian(), "tech1");
  EXPECT_EQ(Accept("tech1").error().reason, ErrorReason::kWrongState);
  fixture.Must(Test("A-S1"));
}

TEST_F(SampleKeeping, ItsConditionIsSaidInThreeCharacters) {
  const auto hand_over = [&](const std::string& condition) {
    return fixture.DoText<v1::HandOverSampleRequest>(
        "sup1", "LotService/HandOverSample", &HandOverSample,
        "sample_id: 'A-S1' to_user: 'tech1' condition: '" + condition + "'");
  };
  const auto accept = [&](const std::string& condition) {
    return fixture.DoText<v1::AcceptSampleRequest>(
        "tech1", "LotService/AcceptSample", &AcceptSample,
        "sample_id: 'A-S1' condition: '" + condition + "'");
  };
  const auto received = fixture.DoText<v1::ReceiveSampleRequest>(
      "sup1", "LotService/ReceiveSample", &ReceiveSample, "sample_id: 'W' condition: 'ok'");
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().violations[0].field, "condition");
  EXPECT_EQ(received.error().violations[0].description,
            "say in what condition it is, in at least three characters: intact");
  EXPECT_EQ(hand_over("ok").error().violations[0].field, "condition");
  fixture.Must(hand_over("dry"));
  EXPECT_EQ(accept("ok").error().violations[0].field, "condition");
  fixture.Must(accept("dry"));
}

TEST_F(SampleKeeping, WaitsUntouchedForWhomItIsHandedTo) {
  const std::string waits = "is being handed over to tech2";
  fixture.Must(HandOver("sup1", "tech2"));
  EXPECT_NE(Words(Divide("A-S1-1", "0.5")).find(waits), std::string::npos);
  EXPECT_NE(Words(Retain()).find(waits), std::string::npos);
  EXPECT_NE(Words(Dispose()).find(waits), std::string::npos);
  EXPECT_NE(Words(fixture.DoText<v1::ThawSampleRequest>(
                      "tech1", "LotService/ThawSample", &ThawSample,
                      "sample_id: 'A-S1' thawed_time: '2026-03-01T00:00:00Z'"))
                .find(waits),
            std::string::npos);
}

TEST_F(SampleKeeping, IsInTheHandsOfWhoTookItOver) {
  const std::string kept = "is in the keeping of tech2";
  fixture.Must(HandOver("sup1", "tech2"));
  fixture.Must(Accept("tech2"));
  EXPECT_NE(Words(Test("A-S1")).find(kept), std::string::npos);
  EXPECT_NE(Words(Retain()).find(kept), std::string::npos);
  EXPECT_NE(Words(Dispose()).find(kept), std::string::npos);
  // A run that its keeper works on may be planned by another.
  const std::string run =
      "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
      "sample_id: 'A-S1' } ";
  const auto create = [&](const std::string& more) {
    return fixture.DoText<v1::CreateRunRequest>("tech1", "RunService/CreateRun", &CreateRun,
                                                run + more);
  };
  EXPECT_NE(Words(create("")).find(kept), std::string::npos);
  const std::string id = fixture.RunOf(create("analysts: 'tech2'"));
  fixture.Must(fixture.DoText<v1::AbortRunRequest>("sup1", "RunService/AbortRun", &AbortRun,
                                                   "run_id: '" + id + "' reason: 'wrong meter'"));
  fixture.Must(Retain("tech2"));
  fixture.Must(Dispose());  // from storage, where nobody has it in hand
}

TEST_F(SampleKeeping, OfAnAccountThatHasEndedIsTakenOver) {
  fixture.Must(HandOver("sup1", "tech2"));
  fixture.Must(Accept("tech2"));
  EXPECT_EQ(Accept("tech1").error().reason, ErrorReason::kWrongState);
  const auto disable = [&](const std::string& user) {
    fixture.Must(fixture.DoText<v1::DisableUserRequest>(
        "admin1", "AccessService/DisableUser", &DisableUser,
        "user_id: '" + user + "' reason: 'left the laboratory'"));
  };
  disable("tech2");
  EXPECT_NE(Words(Test("A-S1")).find("taken over with lims sample accept"), std::string::npos);
  const auto named = [&] {
    return fixture.DoText<v1::CreateRunRequest>(
        "tech1", "RunService/CreateRun", &CreateRun,
        "method_id: 'M-PH' analysts: 'tech2' positions { position: '1' role: "
        "POSITION_ROLE_SAMPLE target: 'PH' sample_id: 'A-S1' }");
  };
  EXPECT_EQ(Words(named()), "analysts: the account of tech2 has ended");
  fixture.Must(Accept("tech1"));
  fixture.Must(Test("A-S1"));
}

TEST_F(SampleKeeping, IsNotTestedPastItsTimeInStorage) {
  AddWindowed("use_by: '2026-02-20'");
  EXPECT_NE(Words(Test("W")).find("sample W was to be tested by 2026-02-20"), std::string::npos);
}

TEST_F(SampleKeeping, IsNotTestedPastItsTimeAfterThawing) {
  AddWindowed("use_by: '2027-02' post_thaw_h: 2");
  EXPECT_NE(Words(Test("W")).find("lims sample thaw"), std::string::npos);
  EXPECT_EQ(Thaw("2026-03-01T00:01:00Z").error().violations[0].field, "thawed_time");
  EXPECT_EQ(Thaw("2026-02-01T00:00:00Z").error().violations[0].field, "thawed_time");
  fixture.Must(Thaw("2026-03-01T00:00:00Z"));
  EXPECT_EQ(Thaw("2026-03-01T00:00:00Z").error().reason, ErrorReason::kWrongState);
  fixture.now_us = SiteFixture::kStart + TimeUs{7201} * 1'000'000;
  EXPECT_NE(Words(Test("W")).find("for 2 h"), std::string::npos);
  v1::CreateRunRequest run = FromText<v1::CreateRunRequest>(
      "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
      "sample_id: 'W' }");
  EXPECT_NE(Words(fixture.Do("tech1", "RunService/CreateRun", &CreateRun, run)).find("for 2 h"),
            std::string::npos);
  run.set_started_time("2026-02-28T23:59:59Z");  // before it was thawed
  EXPECT_NE(Words(fixture.Do("tech1", "RunService/CreateRun", &CreateRun, run)).find("for 2 h"),
            std::string::npos);
  // Entered later, but done in time.
  run.set_started_time("2026-03-01T01:00:00Z");
  fixture.Must(fixture.Do("tech1", "RunService/CreateRun", &CreateRun, run));
}

TEST_F(SampleKeeping, EndsRetainedOrDestroyedAndIsNotTestedAfter) {
  fixture.Must(Retain());
  EXPECT_NE(Words(Test("A-S1")).find("is RETAINED"), std::string::npos);
  fixture.Must(Dispose());
  EXPECT_EQ(Sample("A-S1").disposed_by(), "sup1");
  EXPECT_NE(Words(fixture.SubmitPh("A", "7.0")).find("no received sample for release"),
            std::string::npos);
  EXPECT_EQ(Dispose().error().reason, ErrorReason::kWrongState);
}

TEST_F(SampleKeeping, IsNotDestroyedInAnOpenRun) {
  fixture.Must(fixture.DoText<v1::CreateRunRequest>(
      "tech1", "RunService/CreateRun", &CreateRun,
      "method_id: 'M-PH' positions { position: '1' role: POSITION_ROLE_SAMPLE target: 'PH' "
      "sample_id: 'A-S1' }"));
  EXPECT_NE(Words(Dispose()).find("which is open"), std::string::npos);
  EXPECT_NE(Words(Retain()).find("which is open"), std::string::npos);
}

TEST_F(SampleKeeping, NeedsAUsableWindowWhenPlanned) {
  const auto plan = [&](const std::string& window) {
    return fixture.DoText<v1::PlanSampleRequest>(
        "tech2", "LotService/PlanSample", &PlanSample,
        "sample_id: 'W' lot_id: 'A' purpose: PURPOSE_RELEASE sampling_point: 'DP' "
        "amount { value: '1.0' unit: 'mL' } " +
            window);
  };
  EXPECT_EQ(plan("use_by: 'soon'").error().violations[0].field, "use_by");
  EXPECT_EQ(plan("post_thaw_h: -1").error().violations[0].field, "post_thaw_h");
}

}  // namespace
}  // namespace lims::app
