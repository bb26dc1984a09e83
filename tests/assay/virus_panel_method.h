// A method of a virus panel of two targets, for the tests of its calculation and of its map.
#ifndef LIMS_TESTS_ASSAY_VIRUS_PANEL_METHOD_H_
#define LIMS_TESTS_ASSAY_VIRUS_PANEL_METHOD_H_

#include "lims/v1/method.pb.h"
#include "lims/v1/run.pb.h"
#include "support/text_proto.h"

namespace lims::assay {

inline constexpr char kSample[] = "A-S1";
inline constexpr auto kSampleRole = v1::POSITION_ROLE_SAMPLE;
inline constexpr auto kProcess = v1::POSITION_ROLE_PROCESS_CONTROL;
inline constexpr auto kBlank = v1::POSITION_ROLE_EXTRACTION_BLANK;
inline constexpr auto kNtc = v1::POSITION_ROLE_NTC;
inline constexpr auto kPositiveRole = v1::POSITION_ROLE_POSITIVE_CONTROL;

inline v1::Method PanelMethod() {
  return FromText<v1::Method>(R"pb(
    method_id: "M-V"
    assay: "virus_panel"
    outputs {
      line_code: "V-HPV"
      input: "HPV"
      codes: [ "NEGATIVE", "INDETERMINATE", "POSITIVE" ]
    }
    outputs {
      line_code: "V-HBV"
      input: "HBV"
      codes: [ "NEGATIVE", "INDETERMINATE", "POSITIVE" ]
    }
    parameters { name: "cq_cutoff" value: "38" }
    parameters { name: "internal_control" value: "IC" }
    parameters { name: "ic_cq_max" value: "32.0" }
    parameters { name: "strong_cq_max" value: "35" }
    parameters { name: "cellular_target" value: "CELL" }
    parameters { name: "process_control_targets" value: "HPV" }
    parameters { name: "process_control_cq_min" value: "27" }
    parameters { name: "process_control_cq_max" value: "33" }
    parameters { name: "tag_target" value: "TAG" }
    parameters { name: "repeat_dilution" value: "10" }
    method_repeat {
      count: 1
      instruction: "undiluted and at 1:10"
      code_when_again: "POSITIVE"
      same_sample: true
    }
    formats: "cq_csv"
  )pb");
}

}  // namespace lims::assay

#endif  // LIMS_TESTS_ASSAY_VIRUS_PANEL_METHOD_H_
