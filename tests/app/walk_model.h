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

#include "base/contains.h"
#include "base/error.h"

namespace lims::walk {

inline constexpr int kZoneMinutes = 480;
inline constexpr std::int64_t kMinuteUs = std::int64_t{60} * 1'000'000;
inline constexpr std::int64_t kDayUs = 24 * 60 * kMinuteUs;

enum class Role { kTechnician, kReviewer, kSupervisor, kQa, kQp, kAuditor, kMasterData, kAdmin };

struct Person {
  std::string id;
  std::set<Role> roles;  // confirmed by the second administrator
  bool ended = false;    // the account is
};

// Everybody, also with roles that go badly together on one lot.
const std::vector<Person>& People();
// nullptr for nobody.
const Person* FindPerson(const std::string& id);

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

// A typed value, or what a plate shows, with the verdict that a chemist gives it by hand.
struct Value {
  std::string_view line;
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
// repeat), TWIN (the mean of two planned runs, 6.8 to 7.6; 1 repeat) and V (two viruses on one
// plate of an instrument, each a line that has its own controls; a report of a contract laboratory
// may stand for the plate; a doubt is repeated once and then is positive; 2 repeats; biosafety).
extern const std::vector<Value> kValues;
extern const std::vector<Setup> kSetups;

// The lines that a panel answers: one of its name, but for the two of V.
std::vector<std::string> LinesOf(const std::string& panel);
bool IsOfInstrument(std::string_view panel);
// Whether the method prescribes a repeat after a doubt.
bool HasRepeat(std::string_view panel);
bool IsBiosafety(std::string_view line);

// The file of a plate.
struct Plate {
  std::set<std::string> contaminated;              // lines whose water shows something as well
  std::vector<std::vector<const Value*>> samples;  // as on the map, a value for each line
};

// Invalid attempts of a panel that are repeated.
int BudgetOf(std::string_view panel);
// The verdict on two runs of TWIN together, from what was typed: "7.0" and "8.0".
Verdict VerdictOfPair(std::string_view first, std::string_view second);
// The panels that a decision needs.
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
  const Value* other_value = nullptr;   // read: of the second sample; copy, reenter: second line
  bool own_paper = false;               // copy: from no contract laboratory
  int performed_days = 0;               // copy: from today
  int report = -1;                      // reenter: the run copied from it; -1 names none
  std::optional<Plate> plate;           // submit run
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
  // Attempts of the lot that showed something and do not count, and are to be answered first.
  std::vector<std::size_t> unexpected = {};
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

struct Answer {
  Verdict verdict = Verdict::kPass;
  const Value* value = nullptr;
  bool reviewed = false;
};

struct Attempt {
  bool Shows(Verdict verdict) const;  // in one of its answers

  std::string panel;
  std::string sample;
  int number = 0;
  Purpose purpose = Purpose::kRelease;
  Outcome outcome = Outcome::kOpen;
  std::map<std::string, Answer> answers;  // by line; of a valid one, at least one
  std::set<std::string> signals;          // lines that show something and have no answer
  int run = -1;                           // in the order of the world's; -1 when typed at once
  std::string setup;
  bool repeats_invalid = false;  // stands in the place of one that did not count
  bool method_repeat = false;    // or in the place of one that did not count
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
// What was typed, line by line.
std::vector<const Value*> TypedValues(const Step& step);

// The answer of a line that the newest attempt leaves standing: its own, or where it has none the
// last one before it that is no doubt; nullptr when there is none.
const Answer* StandingAnswer(const Lot& lot, const std::string& panel, const std::string& line);
// Whether a line of the newest attempt, which is valid, is to be tested again.
bool HasOpenLine(const Lot& lot, const std::string& panel);
// A hold stays until what was unexpected was tested again.
void CheckAnswered(const Lot& lot, const Hold& hold, Broken* broken);

// In quarantine or conditionally released.
bool IsUndecided(const Lot& lot);
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
  std::size_t attempt = 0;           // index in the lot
  std::vector<const Value*> values;  // read, or typed from a document
};

struct Run {
  std::vector<Part> parts;
  std::int64_t started_us = 0;
  bool acceptable_setup = true;
  bool of_instrument = false;  // judged from its file
  bool copied = false;         // no map: values that were typed from a document
  bool late = false;           // read late, and not cleared
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
  // Runs whose copied values wait for a second entry.
  std::vector<int> WaitingReports(const std::string& lot, const std::string& panel) const;
  // The lot of a sample; empty when there is none.
  std::string LotOf(const std::string& sample) const;

 private:
  void CheckLotAct(const Step& step, Broken* broken) const;
  void CheckSampleAct(const Step& step, Broken* broken) const;
  void CheckTests(const Step& step, Broken* broken) const;
  void CheckTest(const Step& step, const std::string& sample, Broken* broken) const;
  void CheckNextAttempt(const Step& step, const Lot& lot, const std::string& sample,
                        Broken* broken) const;
  void CheckRunAct(const Step& step, Broken* broken) const;
  void CheckReading(const Step& step, const Run& run, Broken* broken) const;
  void CheckAbort(const Step& step, const Run& run, Broken* broken) const;
  void CheckEntryAct(const Step& step, Broken* broken) const;
  void CheckSecondEntry(const Step& step, const Lot& lot, Broken* broken) const;
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
  // Answers that wait for it, by attempt and line.
  std::vector<std::pair<const Attempt*, std::string>> Waiting(const Intent& review) const;
  // The run that a second entry means; -1 when it is none, or several.
  int MeantReport(const Step& reenter) const;

  // The verdict that the value gives, with the other run of the plan where there is one.
  Verdict Judge(const Lot& lot, const Attempt& attempt, const Value& value) const;
  // With the values that count; whether something of the lot's family was found.
  bool Finish(Lot& lot, Attempt& attempt, const std::vector<const Value*>& values);
  void ApplyTest(const Step& step);
  void ApplyRunAct(const Step& step);
  void ApplySubmission(const Step& step, Run& run);
  void ApplyEntryAct(const Step& step);
  void ApplyAmendment(const Step& step, Lot& lot);
  void HoldFamily(Lot& lot, const std::vector<std::size_t>& unexpected = {});
  void Perform(const Intent& intent, const Person& person);

  std::map<std::string, Lot> lots_;
  std::vector<Run> runs_;
  std::vector<Manifest> manifests_;
};

}  // namespace lims::walk

#endif  // LIMS_TESTS_APP_WALK_MODEL_H_
