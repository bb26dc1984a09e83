#include "app/walk_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "app/walk_model.h"
#include "app/walk_site.h"
#include "base/time.h"
#include "storage/blobs.h"
#include "storage/log.h"
#include "tlog/event_bytes.h"

namespace lims::walk {
namespace {

std::vector<v1::Event> EventsOf(storage::Store& store, const std::string& stream) {
  auto read = store.Read([&](storage::Records& records) -> Result<std::vector<v1::Event>> {
    LIMS_ASSIGN_OR_RETURN(const auto entries,
                          storage::StreamEntries(records.db(), stream, 0, 1 << 20));
    std::vector<v1::Event> events;
    for (const storage::StreamEntry& entry : entries) {
      LIMS_RETURN_IF_ERROR(tlog::ParseCanonicalJson(entry.bytes, &events.emplace_back()));
    }
    return events;
  });
  EXPECT_TRUE(read) << stream;
  return read ? *std::move(read) : std::vector<v1::Event>();
}

bool HasRole(const std::string& user, std::set<Role> roles) {
  const Person* person = FindPerson(user);
  return person != nullptr && !person->ended &&
         std::any_of(person->roles.begin(), person->roles.end(),
                     [&](Role role) { return roles.contains(role); });
}

// The chemist's verdict on what was typed or read; nullopt when no value of the walks.
std::optional<Verdict> VerdictOf(const std::string& line, const v1::MeasuredValue& measured) {
  const std::string_view qualifier = measured.qualifier() == v1::QUALIFIER_LESS_THAN      ? "<"
                                     : measured.qualifier() == v1::QUALIFIER_GREATER_THAN ? ">"
                                                                                          : "";
  for (const Value& value : kValues) {
    if (value.line == line && value.qualifier == qualifier && value.text == measured.value()) {
      return value.verdict;
    }
  }
  return std::nullopt;
}

// Of a sample, as its events tell it.
struct Keeping {
  std::string received_by;
  std::string keeper;
  std::string handed_to;
};

// An attempt as the events of its run tell it.
struct Evidence {
  std::set<std::string> workers;
  std::vector<v1::MeasuredValue> values;
  bool acceptable_setup = false;
  std::map<std::string, std::string> codes;  // of V: what each line shows
  std::set<std::string> contaminated;        // and the lines whose water does
};

// What happened on a lot, up to the moment that is judged.
class History {
 public:
  History(storage::Store& store, std::string lot) : store_(store), id_(std::move(lot)) {}

  Verdicts Judge() {
    Verdicts verdicts;
    for (const v1::Event& event : EventsOf(store_, "lot/" + id_)) {
      const v1::Disposition before = lot_.disposition();
      Take(event);
      for (const v1::Record& record : event.records()) {
        if (!record.has_release_decision()) continue;
        const v1::ReleaseDecision& decision = record.release_decision();
        if (decision.decision() == v1::DECISION_WITHDRAW) withdrawn_ = event.index();
        // The last decision counts: what is released again was withdrawn.
        verdicts.released = decision.decision() == v1::DECISION_RELEASE;
        if (verdicts.released || decision.decision() == v1::DECISION_CONDITIONAL_RELEASE) {
          if (before == v1::DISPOSITION_RECALLED) Complain("released after its recall");
          JudgeRelease(event, decision);
        } else {
          JudgeEnd(event, decision, before);
        }
      }
    }
    verdicts.cleared_doubt = verdicts.released && cleared_doubt_;
    verdicts.complaints = std::move(complaints_);
    return verdicts;
  }

  // Keeps everything up to a log index.
  void TakeUntil(std::int64_t index) {
    for (const v1::Event& event : EventsOf(store_, "lot/" + id_)) {
      if (event.index() < index) Take(event);
    }
  }

  const v1::Lot& lot() const { return lot_; }
  bool held() const {
    return std::any_of(holds_.begin(), holds_.end(),
                       [](const auto& hold) { return hold.second.lifted_signature_id().empty(); });
  }

 private:
  void Complain(const std::string& what) { complaints_.push_back(id_ + ": " + what); }

  void Take(const v1::Event& event) {
    for (const v1::Record& record : event.records()) {
      if (record.has_lot()) lot_ = record.lot();
      if (record.has_sample()) TakeSample(event, record.sample());
      if (record.has_attempt()) TakeAttempt(event, record.attempt());
      if (record.has_result()) {
        const v1::Result& result = record.result();
        results_[{result.line_code(), result.attempt_number()}] = {event.index(), result};
      }
      if (record.has_amendment()) amendments_[record.amendment().number()] = record.amendment();
      if (record.has_look()) looks_[record.look().number()] = record.look();
      if (record.has_lot_fact()) TakeFact(record.lot_fact());
      if (record.has_hold()) holds_[record.hold().number()] = record.hold();
      if (record.has_signature()) TakeSignature(event, record.signature());
      if (record.has_review()) reviews_.emplace_back(event, record.review());
      if (record.has_attestation()) {
        attestations_[record.attestation().code()] = {event, record.attestation()};
      }
    }
  }

  void TakeSample(const v1::Event& event, const v1::Sample& sample) {
    const std::string& who = event.actor().user_id();
    Keeping& keeping = samples_[sample.sample_id()];
    if (event.act() == v1::ACT_TAKE_SAMPLE) {
      samplers_.insert(who);
      if (sample.taken_by() != who) Complain("another sampler than recorded");
    } else if (event.act() == v1::ACT_HAND_OVER_SAMPLE) {
      if (keeping.keeper != who) Complain("handed over by another");
      keeping.handed_to = sample.handed_to();
    } else if (event.act() == v1::ACT_ACCEPT_SAMPLE) {
      if (keeping.handed_to != who) Complain("taken over by another");
      keeping.keeper = who;
      keeping.handed_to.clear();
    } else if (event.act() == v1::ACT_RECEIVE_SAMPLE) {
      keeping.received_by = keeping.keeper = who;
    }
  }

  void TakeAttempt(const v1::Event& event, const v1::Attempt& attempt) {
    const bool is_new =
        attempts_.insert_or_assign({attempt.panel(), attempt.number()}, attempt).second;
    if (!is_new || attempt.has_sealed_entries()) return;
    const Keeping& keeping = samples_[attempt.sample_id()];
    if (!keeping.handed_to.empty()) Complain("tested while it was handed over");
    const std::string& who = event.actor().user_id();
    if (keeping.keeper != keeping.received_by && keeping.keeper != who) {
      Complain("tested by who did not have it");
    }
  }

  void TakeFact(const v1::LotFact& fact) {
    const bool tested = std::any_of(attempts_.begin(), attempts_.end(), [](const auto& attempt) {
      return attempt.first.first == "SPOT" && attempt.second.purpose() == v1::PURPOSE_RELEASE;
    });
    if (tested && !fact_.value().empty() && fact_.value() != fact.value()) {
      Complain("another fact after the test that hangs on it");
    }
    fact_ = fact;
  }

  void TakeSignature(const v1::Event& event, const v1::Signature& signature) {
    signatures_[signature.signature_id()] = signature;
    if (signature.user_id() != event.actor().user_id()) Complain("signed for somebody else");
  }

  // Everything of a run until `index`, from its own stream and from the attempt.
  Evidence EvidenceOf(const v1::Attempt& attempt, std::int64_t index) {
    Evidence evidence;
    std::string position;  // of the sample on the map
    std::map<std::string, v1::RunPosition> map;
    for (const v1::TypedEntry& entry : attempt.entries()) {
      evidence.values.push_back(entry.value());
      evidence.codes[entry.input()] = entry.value().value();
    }
    for (const v1::Event& event : EventsOf(store_, "run/" + attempt.run_id())) {
      if (event.index() >= index) continue;
      // Others than who works on it touch a run, too.
      static const std::set<v1::Act> others{v1::ACT_ABORT_RUN, v1::ACT_CONFIRM_AMENDMENT,
                                            v1::ACT_CLEAR_LATE_READINGS};
      if (!others.contains(event.act())) evidence.workers.insert(event.actor().user_id());
      for (const v1::Record& record : event.records()) {
        if (record.run_position().sample_id() == attempt.sample_id()) {
          position = record.run_position().position();
        }
        if (record.has_run_position()) {
          map[record.run_position().position()] = record.run_position();
        }
        for (const v1::ReadingEntry& entry : record.reading().entries()) {
          // A reading stands there again when QA clears it.
          if (event.act() != v1::ACT_RECORD_READING || entry.position() != position) continue;
          evidence.values.push_back(entry.value());
        }
        if (!record.has_run()) continue;
        for (const v1::RawFile& file : record.run().raw_files()) {
          ReadPlate(file.sha256(), map, attempt.sample_id(), &evidence);
        }
        evidence.acceptable_setup = false;
        for (const v1::NamedValue& declared : record.run().setup()) {
          for (const Setup& setup : kSetups) {
            if (setup.panel == attempt.panel() && setup.text == declared.value()) {
              evidence.acceptable_setup = setup.acceptable;
            }
          }
        }
      }
    }
    return evidence;
  }

  // The file of a plate: all wells of the sample show a virus, none of them, or some.
  void ReadPlate(const std::string& sha256, const std::map<std::string, v1::RunPosition>& map,
                 const std::string& sample, Evidence* evidence) {
    const auto bytes = store_.Read(
        [&](storage::Records& records) { return storage::GetBlob(records.db(), sha256); });
    if (!bytes) return Complain("a file is not there");
    std::map<std::string, std::pair<int, int>> wells;  // by line: those that show it, all
    std::istringstream text(*bytes);
    std::string row;
    std::getline(text, row);  // the header
    while (std::getline(text, row)) {
      const v1::RunPosition& position = map.at(row.substr(0, row.find(',')));
      const std::string line = "V-" + position.target();
      const bool shows = row.find("Undetermined") == std::string::npos;
      if (position.role() == v1::POSITION_ROLE_NTC && shows) evidence->contaminated.insert(line);
      if (position.sample_id() != sample || position.target() == "IC") continue;
      wells[line].first += shows;
      ++wells[line].second;
    }
    for (const auto& [line, counts] : wells) {
      evidence->codes[line] = counts.first == 0               ? "NEGATIVE"
                              : counts.first == counts.second ? "POSITIVE"
                                                              : "INDETERMINATE";
    }
  }

  bool WorkedOn(const std::string& user, std::int64_t index) {
    return std::any_of(attempts_.begin(), attempts_.end(), [&](const auto& attempt) {
      return EvidenceOf(attempt.second, index).workers.contains(user);
    });
  }

  void RequireSignature(const std::string& id, const std::string& user, v1::Meaning meaning,
                        const std::set<Role>& roles, const std::string& what) {
    const auto signature = signatures_.find(id);
    if (signature == signatures_.end()) return Complain(what + " is not signed");
    if (signature->second.user_id() != user) Complain(what + " is signed by another person");
    if (signature->second.meaning() != meaning) Complain(what + " is signed with other meaning");
    if (!HasRole(user, roles)) Complain(what + " is signed by " + user + ", who has no such role");
  }

  void JudgeEnd(const v1::Event& event, const v1::ReleaseDecision& decision,
                v1::Disposition before) {
    const bool was_released = before == v1::DISPOSITION_RELEASED;
    v1::Meaning meaning = v1::MEANING_REJECT;
    if (decision.decision() == v1::DECISION_WITHDRAW) {
      meaning = v1::MEANING_WITHDRAW;
      if (!was_released) Complain("withdrawn, and was not released");
    } else if (decision.decision() == v1::DECISION_RECALL) {
      meaning = v1::MEANING_RECALL;
      if (!was_released && before != v1::DISPOSITION_CONDITIONAL_FAILED) {
        Complain("recalled, and neither was released nor failed");
      }
    } else if (was_released) {
      Complain("rejected while it was released");
    }
    RequireSignature(decision.signature_id(), event.actor().user_id(), meaning,
                     {Role::kQa, Role::kQp}, "the end of the lot");
  }

  void JudgeRelease(const v1::Event& event, const v1::ReleaseDecision& decision) {
    const std::string& releaser = event.actor().user_id();
    const bool bank = lot_.kind() == v1::LOT_KIND_MCB;
    const bool conditional = decision.decision() == v1::DECISION_CONDITIONAL_RELEASE;
    if (decision.user_id() != releaser) Complain("decided for somebody else");
    RequireSignature(decision.signature_id(), releaser, v1::MEANING_RELEASE, {Role::kQp},
                     "the release");
    if (lot_.confirmed_by().empty() || lot_.confirmed_by() == lot_.registered_by()) {
      Complain("not confirmed by a second person");
    }
    if (samplers_.contains(releaser)) Complain("released by a sampler");
    if (WorkedOn(releaser, event.index())) Complain("released by an analyst");
    for (const auto& [when, review] : reviews_) {
      if (when.actor().user_id() == releaser) Complain("released by a reviewer");
    }
    if (held()) Complain("released under a hold");
    JudgeEntries(releaser);
    if (!bank) JudgeFact();
    for (const std::string panel : {"PH", "ENDO", "SPOT", "TWIN"}) {
      const bool applies = panel == "PH" || (!bank && (panel != "SPOT" || fact_.value() == "yes"));
      const bool goes_on = applies && conditional && panel != "PH";
      JudgePanel(panel, applies && !goes_on, goes_on, event.index());
    }
    if (!bank) JudgeViruses(!conditional, event.index());
    if (!bank) JudgeAttestation("BPR", {Role::kQa}, event.index());
    if (bank || !conditional) JudgeAttestation("EM", {Role::kSupervisor}, event.index());
    if (!bank && lot_.parents().empty()) Complain("made from no bank");
    JudgeParents(lot_, event.index());
    const auto expiry = lot_.expiry().find('T') == std::string::npos
                            ? ParseDate(lot_.expiry(), kZoneMinutes)
                            : ParseTime(lot_.expiry());
    if (!expiry || event.time_us() > *expiry) Complain("released after its expiry");
  }

  void JudgeFact() {
    const auto signature = signatures_.find(fact_.signature_id());
    if (signature == signatures_.end()) return Complain("released without its fact");
    RequireSignature(fact_.signature_id(), signature->second.user_id(), v1::MEANING_DECLARE_FACT,
                     {Role::kQa}, "the fact");
  }

  // How values came in otherwise than by one person at once.
  void JudgeEntries(const std::string& releaser) {
    for (const auto& [number, amendment] : amendments_) {
      if (amendment.state() == v1::AMENDMENT_STATE_PROPOSED) Complain("an amendment waits");
      if (amendment.state() != v1::AMENDMENT_STATE_CONFIRMED) continue;
      if (amendment.proposed_by() == amendment.decided_by()) Complain("amended by one person");
      if (amendment.proposed_by() == releaser || amendment.decided_by() == releaser) {
        Complain("released by an amender");
      }
      for (const v1::AmendedEntry& entry : amendment.entries()) {
        const auto before = VerdictOf(entry.before().input(), entry.before().value());
        if (amendment.panel() != "TWIN" && before == Verdict::kOutOfSpecification) {
          Complain("a failing value was amended");
        }
      }
    }
    for (const auto& [number, look] : looks_) {
      if (look.cleared_by().empty()) Complain("a look waits");
      if (look.cleared_by() == look.user_id()) Complain("a look was cleared by who looked");
    }
    for (const auto& [key, attempt] : attempts_) {
      if (!attempt.late_readings().empty()) Complain(key.first + ": a late reading waits");
      if (!attempt.has_sealed_entries() || attempt.outcome() == v1::OUTCOME_ABORTED) continue;
      if (attempt.reentered_by().empty() || attempt.reentered_by() == attempt.entered_by()) {
        Complain(key.first + ": copied by one person");
      }
    }
  }

  // Needed, or to go on after the release: then it may run, and what has come of it counts.
  void JudgePanel(const std::string& panel, bool needed, bool goes_on, std::int64_t index) {
    const v1::Attempt* newest = nullptr;
    std::vector<std::string> counted;  // values of attempts that count
    std::string first_sample;          // of them
    for (const auto& [key, attempt] : attempts_) {
      if (key.first != panel) continue;
      const bool open = attempt.outcome() == v1::OUTCOME_UNSPECIFIED;
      const bool release = attempt.purpose() == v1::PURPOSE_RELEASE;
      if (open && !(goes_on && release)) Complain(panel + ": released with an open run");
      if (!release) continue;
      newest = &attempt;
      if (open) continue;
      const Evidence evidence = EvidenceOf(attempt, index);
      if (evidence.values.size() > 1) Complain(panel + ": a number was entered twice");
      for (const v1::MeasuredValue& value : evidence.values) {
        if (attempt.outcome() == v1::OUTCOME_ABORTED &&
            VerdictOf(panel, value) == Verdict::kOutOfSpecification) {
          Complain(panel + ": a failing value was aborted");
        }
      }
      const bool valid = evidence.acceptable_setup && evidence.values.size() == 1;
      const bool counts = attempt.outcome() == v1::OUTCOME_VALID;
      if (counts && !valid) Complain(panel + ": an invalid attempt counts");
      if (!counts) continue;
      counted.push_back(evidence.values[0].value());
      if (counted.size() == 1) first_sample = attempt.sample_id();
      if (panel == "SPOT" && attempt.sample_id() != first_sample) {
        Complain("SPOT: a doubt was settled by another sample");
      }
      auto verdict = VerdictOf(panel, evidence.values[0]);
      v1::Verdict recorded = v1::VERDICT_PASS;
      if (panel == "TWIN") {
        if (counted.size() > 2) Complain("TWIN: more than the planned runs count");
        recorded = counted.size() == 1 ? v1::VERDICT_REPORT_ONLY : v1::VERDICT_PASS;
        verdict = counted.size() == 1 ? Verdict::kWaiting : VerdictOfPair(counted[0], counted[1]);
      }
      if (verdict == Verdict::kOutOfSpecification) {
        Complain(panel + ": released though out of specification");
      }
      const bool doubt = panel == "SPOT" && verdict == Verdict::kUndecided;
      if (doubt) recorded = v1::VERDICT_INCONCLUSIVE;
      if (needed) JudgeReview(panel, attempt, recorded, index);
      if ((needed || goes_on) && !doubt && verdict != Verdict::kPass &&
          verdict != Verdict::kWaiting) {
        Complain(panel + ": counted as a pass");
      }
    }
    if (goes_on && newest != nullptr && newest->outcome() == v1::OUTCOME_UNSPECIFIED) return;
    if (!needed && !goes_on) return;
    if (panel == "TWIN" && counted.size() != 2) Complain("TWIN: the plan is not complete");
    if (panel == "SPOT" && (counted.size() > 2 || counted.empty() || counted.back() != "NONE")) {
      Complain("SPOT: no repeat cleared the doubt");
    }
    cleared_doubt_ = cleared_doubt_ || (panel == "SPOT" && counted.size() == 2);
    if (newest == nullptr || newest->outcome() != v1::OUTCOME_VALID) {
      Complain(panel + ": no valid result");
    }
  }

  // Each line of a plate counts for itself. Needed, or to go on after the release.
  void JudgeViruses(bool needed, std::int64_t index) {
    const v1::Attempt* newest = nullptr;
    const v1::Attempt* in_doubt = nullptr;     // the last one that a repeat has to settle
    std::map<std::string, std::string> stand;  // the last code of each line
    for (const auto& [key, attempt] : attempts_) {
      if (key.first != "V") continue;
      const bool open = attempt.outcome() == v1::OUTCOME_UNSPECIFIED;
      const bool release = attempt.purpose() == v1::PURPOSE_RELEASE;
      if (open && (needed || !release)) Complain("V: released with an open run");
      if (!release) continue;
      newest = &attempt;
      if (open) return;
      if (in_doubt != nullptr && attempt.sample_id() != in_doubt->sample_id()) {
        Complain("V: a doubt was settled by another sample");
      }
      const bool repeats = in_doubt != nullptr;
      const Evidence evidence = EvidenceOf(attempt, index);
      for (const auto& [line, code] : evidence.codes) {
        const bool counts = attempt.outcome() == v1::OUTCOME_VALID;
        if (attempt.outcome() == v1::OUTCOME_ABORTED) {
          if (code == "POSITIVE") Complain(line + ": a positive was aborted");
          continue;
        }
        const bool has_result = results_.contains({line, attempt.number()});
        if (has_result == evidence.contaminated.contains(line)) {
          Complain(line +
                   (has_result ? ": invalid, and has a result" : ": valid without a result"));
        }
        if (!has_result || !counts) continue;
        stand[line] = code;
        v1::Verdict recorded = v1::VERDICT_PASS;
        if (code == "INDETERMINATE") {
          recorded = v1::VERDICT_INCONCLUSIVE;
          if (repeats) Complain(line + ": released though in doubt again");
          in_doubt = &attempt;
        } else if (code != "NEGATIVE") {
          Complain(line + ": released though positive");
        }
        if (needed) JudgeReview(line, attempt, recorded, index);
      }
    }
    if (newest == nullptr || newest->outcome() != v1::OUTCOME_VALID) Complain("V: no valid result");
    for (const std::string line : {"V-HBV", "V-HPV"}) {
      if (stand[line] != "NEGATIVE") Complain(line + ": not shown to be absent");
    }
  }

  void JudgeReview(const std::string& line, const v1::Attempt& attempt, v1::Verdict recorded,
                   std::int64_t index) {
    const std::string& panel = attempt.panel();
    const auto result = results_.find({line, attempt.number()});
    if (result == results_.end()) return Complain(line + ": no result");
    if (result->second.second.verdict() != recorded) Complain(line + ": another verdict");
    bool reviewed = false;
    for (const auto& [event, review] : reviews_) {
      if (event.index() < withdrawn_) continue;
      for (const v1::ReviewedResult& entry : review.results()) {
        if (entry.line_code() != line || entry.etag() != result->second.first) continue;
        reviewed = true;
        const std::string& reviewer = event.actor().user_id();
        RequireSignature(review.signature_id(), reviewer, v1::MEANING_REVIEW,
                         {Role::kReviewer, Role::kSupervisor}, "the review of " + line);
        if (EvidenceOf(attempt, index).workers.contains(reviewer)) {
          Complain(line + ": reviewed by an analyst");
        }
        const auto& amenders = attempt.amenders();
        if (std::find(amenders.begin(), amenders.end(), reviewer) != amenders.end()) {
          Complain(line + ": reviewed by an amender");
        }
        for (const std::int32_t number : result->second.second.attempts()) {
          const auto combined = attempts_.find({panel, number});
          if (combined != attempts_.end() &&
              EvidenceOf(combined->second, index).workers.contains(reviewer)) {
            Complain(line + ": reviewed by an analyst of a run in it");
          }
        }
      }
    }
    if (!reviewed) Complain(line + ": not reviewed");
  }

  void JudgeAttestation(const std::string& code, const std::set<Role>& roles, std::int64_t index) {
    const auto found = attestations_.find(code);
    if (found == attestations_.end()) return Complain(code + " is not attested");
    const auto& [event, attestation] = found->second;
    if (event.index() < withdrawn_) Complain(code + " was attested before the withdrawal");
    const std::string& attester = event.actor().user_id();
    RequireSignature(attestation.signature_id(), attester, v1::MEANING_ATTEST, roles, code);
    if (code == "EM" && WorkedOn(attester, index)) Complain("EM attested by an analyst");
  }

  void JudgeParents(const v1::Lot& child, std::int64_t index) {
    for (const v1::LotParent& named : child.parents()) {
      History parent(store_, named.lot_id());
      parent.TakeUntil(index);
      if (parent.lot().disposition() != v1::DISPOSITION_RELEASED) {
        Complain("parent " + named.lot_id() + " was not released");
      }
      if (parent.held()) Complain("parent " + named.lot_id() + " was on hold");
      JudgeParents(parent.lot(), index);
    }
  }

  storage::Store& store_;
  const std::string id_;
  v1::Lot lot_;
  std::set<std::string> samplers_;
  std::map<std::string, Keeping> samples_;
  std::map<std::pair<std::string, int>, v1::Attempt> attempts_;
  std::map<std::pair<std::string, int>, std::pair<std::int64_t, v1::Result>> results_;
  v1::LotFact fact_;  // the only one of the specification
  std::map<int, v1::Hold> holds_;
  std::map<int, v1::Amendment> amendments_;
  std::map<int, v1::Look> looks_;
  std::map<std::string, v1::Signature> signatures_;
  std::vector<std::pair<v1::Event, v1::Review>> reviews_;
  std::map<std::string, std::pair<v1::Event, v1::Attestation>> attestations_;
  std::int64_t withdrawn_ = -1;  // the newest withdrawal
  bool cleared_doubt_ = false;
  std::vector<std::string> complaints_;
};

}  // namespace

Verdicts JudgeFromEvents(storage::Store& store, const std::string& lot) {
  return History(store, lot).Judge();
}

}  // namespace lims::walk
