// Inputs of the model methods of schemas/methods.
#ifndef LIMS_TESTS_ASSAY_MODEL_INPUT_H_
#define LIMS_TESTS_ASSAY_MODEL_INPUT_H_

#include <string>

#include "assay_input.h"
#include "base/time.h"
#include "support/model_files.h"

namespace lims::assay {

// 2026-03-01T00:00:00Z
inline constexpr TimeUs kInoculated = TimeUs{1772323200} * 1'000'000;

// The model method with everything declared as it should be, but for its moments.
inline v1::AssayInput InputOf(const std::string& method_id) {
  v1::AssayInput input;
  *input.mutable_method() =
      ReadTextProto<v1::Method>(kSchemas / "methods" / (method_id + ".textproto"));
  for (const v1::SetupCheck& check : input.method().setup_checks()) {
    v1::NamedValue& value = *input.add_setup();
    value.set_name(check.name());
    value.set_unit(check.unit());
    value.set_value(check.accepted().empty() ? check.min() : check.accepted(0));
    if (check.text()) value.set_value("L-1");
    if (check.expiry()) value.set_value("2035-12");
  }
  return input;
}

inline void SetValue(v1::AssayInput& input, const std::string& name, const std::string& value) {
  for (v1::NamedValue& declared : *input.mutable_setup()) {
    if (declared.name() == name) return declared.set_value(value);
  }
  ADD_FAILURE() << "no setup value " << name;
}

inline void SetDay(v1::AssayInput& input, const std::string& name, TimeUs after) {
  SetValue(input, name, FormatUtc(kInoculated + after));
}

}  // namespace lims::assay

#endif  // LIMS_TESTS_ASSAY_MODEL_INPUT_H_
