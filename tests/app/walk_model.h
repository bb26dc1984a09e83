// The rules of the laboratory a second time, as plain structs: what is allowed, and which rules
// forbid what is not. Shares nothing with the product but the names of refusals.
#ifndef LIMS_TESTS_APP_WALK_MODEL_H_
#define LIMS_TESTS_APP_WALK_MODEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lims::walk {

inline constexpr int kZoneMinutes = 480;
inline constexpr std::int64_t kMinuteUs = std::int64_t{60} * 1'000'000;

enum class Role { kTechnician, kReviewer, kSupervisor, kQa, kQp, kAuditor, kMasterData, kAdmin };

struct Person {
  std::string id;
  std::set<Role> roles;  // confirmed by the second administrator
  bool ended = false;    // the account is
};

enum class Kind { kProduct, kBank };
enum class Purpose { kRelease, kInvestigation };
enum class SampleState { kPlanned, kTaken, kReceived, kRejected };
enum class Outcome { kOpen, kValid, kInvalid, kAborted };
// Waiting: one of several planned runs, judged with the others.
enum class Verdict { kPass, kOutOfSpecification, kUndecided, kWaiting };
enum class Disposition {
  kQuarantine,
  kConditional,
  kConditionalFailed,
  kReleased,
  kWithdrawn,
  kRecalled,
  kRejected,
  kVoided
};

// A typed value with the verdict that a chemist gives it, calculated by hand.
struct Value {
  std::string_view panel;
  std::string_view qualifier;
  std::string_view text;
  Verdict verdict;
  bool plausible = true;
};

// A declared setup value; an empty text declares nothing.
struct Setup {
  std::string_view panel;
  std::string_view text;
  bool acceptable;
};

// The panels: PH (6.8 to 7.6, one decimal, ties to even; needs a checked buffer; 1 repeat) at S1
// and for banks; at S2 ENDO (< 0.50, two decimals; needs a recovery of 50 to 200 %; 2 repeats;
// biosafety), SPOT (where the lot was stained; a doubt is repeated once, from another extraction; 1
// repeat) and TWIN (the mean of two planned runs, 6.8 to 7.6; 1 repeat).
extern const std::vector<Value> kValues;
extern const std::vector<Setup> kSetups;

// Invalid attempts of a panel that are repeated.
int BudgetOf(std::string_view panel);
// The verdict on two runs of TWIN together, from what was typed: "7.0" and "8.0".
Verdict VerdictOfPair(std::string_view first, std::string_view second);
// The lines, each its own panel, that a decision needs.
std::vector<std::string> NeededPanels(Kind kind, bool conditional);
// BPR: the batch record, by QA. EM: environmental monitoring, by a supervisor who is no analyst.
std::vector<std::string> NeededAttestations(Kind kind, bool conditional);
Role AttestationRole(std::string_view code);

// What a signature is asked for; RELEASE and CONDITIONAL have one right.
enum class Meaning {
  kReview,
  kAttest,
  kDeclare,
  kRelease,
  kConditional,
  kReject,
  kWithdraw,
  kRecall,
  kHold,
  kUnhold
};

struct Intent {
  Meaning meaning = Meaning::kReview;
  std::string lot;
  std::vector<std::string> codes;  // lines to review, or attestations
  std::string fact;                // to declare
  std::string value;               // of it
  int hold = 0;
};

enum class Act {
  kRegister,
  kConfirm,
  kVoid,
  kPlan,
  kTake,
  kReceive,
  kRejectSample,
  kHandOver,
  kAccept,
  kSubmit,
  kCreateRun,
  kRead,
  kSubmitRun,
  kAbortRun,
  kCopy,
  kReenter,
  kAmend,
  kConfirmAmendment,
  kDeclineAmendment,
  kLook,
  kClearLook,
  kClearLate,
  kPrepare,
  kSign
};

// An attempt of somebody to do something; the fields that the act needs are set.
struct Step {
  Act act = Act::kRegister;
  const Person* person = nullptr;
  std::string lot;
  Kind kind = Kind::kProduct;           // register
  bool conditional_registered = true;   // register: which of the two products
  std::vector<std::string> parents;     // register
  std::int64_t made_us = 0;             // register
  std::int64_t expiry_us = 0;           // register: the last moment
  std::string expiry;                   // register: as entered
  bool typed_otherwise = false;         // confirm: not what was registered
  std::string sample;                   // plan to create run
  Purpose purpose = Purpose::kRelease;  // plan
  const Person* to = nullptr;           // hand over
  std::string other_sample;             // create run: a second one on its map, or none
  std::string panel;                    // submit to amend
  const Value* value = nullptr;         // submit, read, copy, reenter, amend
  const Value* other_value = nullptr;   // read: of the second sample
  const Setup* setup = nullptr;         // submit, create run, copy
  bool plausibility_confirmed = false;  // submit, read, copy, amend
  int run = -1;                         // read to abort run, clear late
  std::int64_t observed_us = 0;         // read
  bool late_reason = false;             // read: one is given
  int number = 0;                       // of an amendment or look; of the data that are looked at
  Intent intent;                        // prepare
  int manifest = -1;                    // sign
};

// What refusals are mostly for.
inline constexpr auto kInvalid = ErrorReason::kInvalidArgument;
inline constexpr auto kState = ErrorReason::kWrongState;
inline constexpr auto kSegregation = ErrorReason::kSegregation;
inline constexpr auto kBlocked = ErrorReason::kNotReleasable;

// One rule: a refusal names its reason. `independent` when an act may break it and no other rule.
struct Rule {
  std::string name;
  ErrorReason reason;
  bool independent = true;
};
using Broken = std::set<const Rule*>;

const Rule* AddRule(std::string name, ErrorReason reason, bool independent = true);
// Every rule of the model.
const std::deque<Rule>& Rules();
// Who has the right, for the generator: the roles of an act, or of a meaning.
const std::set<Role>& RolesFor(Act act, Meaning meaning);

struct Hold {
  bool lifted = false;
  int version = 1;
};

struct Sample {
  Purpose purpose = Purpose::kRelease;
  SampleState state = SampleState::kPlanned;
  std::string taken_by;
  std::string received_by;
  std::string keeper;
  std::string handed_to;  // waits for that person to take it over
  int version = 1;
};

struct Attempt {
  std::string panel;
  std::string sample;
  int number = 0;
  Purpose purpose = Purpose::kRelease;
  Outcome outcome = Outcome::kOpen;
  std::optional<Verdict> verdict;  // of a valid one
  const Value* value = nullptr;    // of a valid one
  std::string setup;
  bool method_repeat = false;  // or in the place of one that did not count
  bool reviewed = false;
  std::set<std::string> analysts;
  std::set<std::string> readers;  // who only read its run, until it is submitted
  bool typed = false;             // has entries that may be amended
  std::string copied_by;          // who made the first entry of copied values
  bool differed = false;          // a second entry did
  bool late = false;              // a late reading waits for QA
  std::set<std::string> amenders;
  int version = 1;
};

// As it was declared; the value is empty before that.
struct Fact {
  std::string value;
  int version = 0;
};

enum class AmendmentState { kProposed, kConfirmed, kDeclined };

struct Amendment {
  std::string panel;
  int attempt = 0;
  const Value* after = nullptr;
  std::string proposed_by;
  AmendmentState state = AmendmentState::kProposed;
};

// Somebody saw what an open run would give.
struct Look {
  std::string user;
  int run = 0;
  int data = 0;
  bool cleared = false;
};

struct Lot {
  Kind kind = Kind::kProduct;
  bool conditional_registered = true;
  std::vector<std::string> parents;
  std::int64_t made_us = 0;
  std::int64_t expiry_us = 0;
  std::string registered_by;
  std::string confirmed_by;
  Disposition disposition = Disposition::kQuarantine;
  int version = 1;
  std::map<std::string, Sample> samples;
  std::vector<Attempt> attempts;
  std::vector<Hold> holds;
  std::vector<Amendment> amendments;
  std::vector<Look> looks;
  Fact stained;
  std::map<std::string, int> attested;           // code -> how often
  std::map<std::string, std::string> attesters;  // code -> who, the last time
  std::set<std::string> reviewers;
  int reviews = 0;
  int decisions = 0;
};

// Rules by how values came in: of a release, and of who signs for a lot.
void CheckEntriesDecided(const Lot& lot, Broken* broken);
void CheckAmenders(const Attempt& attempt, const std::string& person, bool releases,
                   Broken* broken);
// The attempt whose copied values wait for the second entry; nullptr when there is none.
const Attempt* WaitsForSecondEntry(const Lot& lot, const std::string& panel);

// In a disposition that the release follows on: the final one also on a withdrawal.
bool IsReleasable(const Lot& lot, bool conditional);
// The panels that a decision on the lot needs; without the fact, none hangs on it.
std::vector<std::string> JudgedPanels(const Lot& lot, bool conditional);
bool IsFactMissing(const Lot& lot);
void CheckFactDeclared(const Lot& lot, Broken* broken);
// Whether a fact may be declared.
void CheckFact(const Lot& lot, const Intent& intent, Broken* broken);

// Whether a sample is handed or taken over, and tested by that person; what the first two change.
void CheckCustody(const Step& step, const Sample& sample, Broken* broken);
void CheckInHands(const Sample& sample, const std::string& person, Broken* broken);
void PassOn(const Step& step, Sample* sample);

// The panels whose tests a conditional release supposes, as only the final one needs them; whether
// each was started and came to no other end than one that counts.
std::vector<std::string> LaterPanels(const Lot& lot);
void CheckTestsGoOn(const Lot& lot, Broken* broken);

// Attested, and not by somebody who worked on the lot where that matters.
bool IsAttested(const Lot& lot, const std::string& code);

// The newest attempt of a panel for release; nullptr when there is none.
const Attempt* NewestForRelease(const Lot& lot, const std::string& panel);

// A sample on the map of a run.
struct Part {
  std::string lot;
  std::size_t attempt = 0;       // index in the lot
  const Value* value = nullptr;  // read, or typed from a document
};

struct Run {
  std::vector<Part> parts;
  std::int64_t started_us = 0;
  bool acceptable_setup = true;
  bool copied = false;  // no map: values that were typed from a document
  bool late = false;    // read late, and not cleared
  std::set<std::string> people;
  bool open = true;
};

struct Manifest {
  Intent intent;
  std::string shown;
  std::int64_t prepared_us = 0;
  bool is_signed = false;
};

// The state of everything, as the model sees it.
class World {
 public:
  std::int64_t now_us = 0;

  // The rules that the step would break; empty when it is allowed.
  Broken BrokenBy(const Step& step) const;
  // Does a step that is allowed.
  void Apply(const Step& step);
  // What a refused step leaves all the same: a second entry that differs is counted.
  void ApplyRefused(const Step& step, const Broken& broken);

  // What stands in the way of a release, as "KIND what"; the what of a run is "*".
  std::set<std::string> Blockers(const std::string& id, bool conditional) const;

  const std::map<std::string, Lot>& lots() const { return lots_; }
  const std::vector<Run>& runs() const { return runs_; }
  const std::vector<Manifest>& manifests() const { return manifests_; }
  // The lot of a sample; empty when there is none.
  std::string LotOf(const std::string& sample) const;

 private:
  bool IsReleaseSample(const std::string& id) const;
  void CheckLotAct(const Step& step, Broken* broken) const;
  void CheckSampleAct(const Step& step, Broken* broken) const;
  void CheckTest(const Step& step, const std::string& sample, Broken* broken) const;
  void CheckNextAttempt(const Step& step, const Lot& lot, const std::string& sample,
                        Broken* broken) const;
  void CheckRunAct(const Step& step, Broken* broken) const;
  void CheckAbort(const Step& step, const Run& run, Broken* broken) const;
  void CheckEntryAct(const Step& step, Broken* broken) const;
  void CheckAmend(const Step& step, const Lot& lot, Broken* broken) const;
  void CheckAmendment(const Step& step, const Lot& lot, Broken* broken) const;
  void CheckLook(const Step& step, const Lot& lot, Broken* broken) const;
  void CheckIntent(const Intent& intent, Broken* broken) const;
  void CheckRelease(const Lot& lot, bool conditional, Broken* broken) const;
  void CheckAncestors(const Lot& lot, bool* bank_found, Broken* broken) const;
  void AddAncestorBlockers(const std::string& id, std::set<std::string>* blockers,
                           bool* bank_found) const;
  void CheckSigner(const Intent& intent, const Person& person, Broken* broken) const;
  // What a signer sees, as far as it can change.
  std::string Shown(const Intent& intent) const;
  void ShowAncestors(const Lot& lot, std::string* text) const;
  std::vector<const Attempt*> Waiting(const Intent& review) const;

  // The verdict that the value gives, with the other run of the plan where there is one.
  Verdict Judge(const Lot& lot, const Attempt& attempt, const Value& value) const;
  void Finish(Lot& lot, Attempt& attempt, bool valid, const Value& value);
  void ApplyTest(const Step& step);
  void ApplyRunAct(const Step& step);
  void ApplyEntryAct(const Step& step);
  void ApplyAmendment(const Step& step, Lot& lot);
  void HoldFamily(Lot& lot);
  void Perform(const Intent& intent, const Person& person);

  std::map<std::string, Lot> lots_;
  std::vector<Run> runs_;
  std::vector<Manifest> manifests_;
};

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALK_MODEL_H_
