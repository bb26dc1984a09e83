// What the walks test lots for: the lines, their limits from both sides, and what a decision needs.
#include "app/walk_model.h"

namespace lims::walk {

int BudgetOf(std::string_view panel) {
  return panel == "ENDO" || panel == "V" ? 2 : 1;
}

std::vector<std::string> LinesOf(const std::string& panel) {
  if (panel == "V") return {"V-HBV", "V-HPV"};
  return {panel};
}

bool IsOfInstrument(std::string_view panel) {
  return panel == "V";
}

bool HasRepeat(std::string_view panel) {
  return panel == "SPOT" || panel == "V";
}

bool IsBiosafety(std::string_view line) {
  return line == "ENDO" || line == "V-HBV" || line == "V-HPV";
}

// The mean of 15.3 is 7.65, which rounds to the even 7.6.
Verdict VerdictOfPair(std::string_view first, std::string_view second) {
  int tenths = 0;
  for (const std::string_view text : {first, second}) {
    tenths += (text[0] - '0') * 10 + (text[2] - '0');
  }
  return tenths <= 153 ? Verdict::kPass : Verdict::kOutOfSpecification;
}

std::vector<std::string> NeededPanels(Kind kind, bool conditional) {
  if (kind == Kind::kBank || conditional) return {"PH"};
  return {"PH", "ENDO", "SPOT", "TWIN", "V"};
}

std::vector<std::string> NeededAttestations(Kind kind, bool conditional) {
  if (kind == Kind::kBank) return {"EM"};
  if (conditional) return {"BPR"};
  return {"BPR", "EM"};
}

Role AttestationRole(std::string_view code) {
  return code == "BPR" ? Role::kQa : Role::kSupervisor;
}

const std::vector<Value> kValues = {
    {"PH", "", "7.2", Verdict::kPass},
    {"PH", "", "6.8", Verdict::kPass},
    {"PH", "", "7.6", Verdict::kPass},
    {"PH", "", "6.75", Verdict::kPass},
    {"PH", "", "7.65", Verdict::kPass},
    {"PH", "", "6.74", Verdict::kOutOfSpecification},
    {"PH", "", "7.651", Verdict::kOutOfSpecification},
    {"PH", "", "9.9", Verdict::kOutOfSpecification},
    {"PH", "", "72", Verdict::kOutOfSpecification, false},
    {"ENDO", "", "0.12", Verdict::kPass},
    {"ENDO", "", "0.49", Verdict::kPass},
    {"ENDO", "", "0.494", Verdict::kPass},
    {"ENDO", "<", "0.50", Verdict::kPass},
    {"ENDO", "<", "0.05", Verdict::kPass},
    {"ENDO", "<", "0.51", Verdict::kUndecided},
    {"ENDO", ">", "0.30", Verdict::kUndecided},
    {"ENDO", ">", "0.50", Verdict::kOutOfSpecification},
    {"ENDO", "", "0.495", Verdict::kOutOfSpecification},
    {"ENDO", "", "0.50", Verdict::kOutOfSpecification},
    {"ENDO", "", "500", Verdict::kOutOfSpecification, false},
    {"SPOT", "", "NONE", Verdict::kPass},
    {"SPOT", "", "DOUBT", Verdict::kUndecided},
    {"SPOT", "", "SEEN", Verdict::kOutOfSpecification},
    // Alone; two of them are judged together.
    {"TWIN", "", "7.0", Verdict::kPass},
    {"TWIN", "", "7.6", Verdict::kPass},
    {"TWIN", "", "7.7", Verdict::kOutOfSpecification},
    {"TWIN", "", "8.0", Verdict::kOutOfSpecification},
    {"TWIN", "", "8.4", Verdict::kOutOfSpecification},
    {"V-HBV", "", "NEGATIVE", Verdict::kPass},
    {"V-HBV", "", "INDETERMINATE", Verdict::kUndecided},
    {"V-HBV", "", "POSITIVE", Verdict::kOutOfSpecification},
    {"V-HPV", "", "NEGATIVE", Verdict::kPass},
    {"V-HPV", "", "INDETERMINATE", Verdict::kUndecided},
    {"V-HPV", "", "POSITIVE", Verdict::kOutOfSpecification},
};

const std::vector<Setup> kSetups = {
    {"PH", "yes", true},   {"PH", "no", false},   {"PH", "", false},       {"ENDO", "50", true},
    {"ENDO", "200", true}, {"ENDO", "100", true}, {"ENDO", "49.9", false}, {"ENDO", "200.1", false},
    {"ENDO", "", false},   {"SPOT", "X1", true},  {"SPOT", "X2", true},    {"SPOT", "", false},
    {"TWIN", "yes", true}, {"TWIN", "no", false}, {"TWIN", "", false},     {"V", "", true},
};

}  // namespace lims::walk
