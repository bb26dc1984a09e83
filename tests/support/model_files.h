// Reads the specification and method files of schemas/ for the tests.
#ifndef LIMS_TESTS_SUPPORT_MODEL_FILES_H_
#define LIMS_TESTS_SUPPORT_MODEL_FILES_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "lims/v1/catalogue_service.pb.h"
#include "lims/v1/method.pb.h"
#include "support/text_proto.h"

namespace lims {

inline const std::filesystem::path kSchemas = std::filesystem::path(LIMS_SOURCE_DIR) / "schemas";

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

template <typename Message>
Message ReadTextProto(const std::filesystem::path& path) {
  SCOPED_TRACE(path);
  return FromText<Message>(ReadFile(path));
}

inline v1::SpecificationText ReadModelSpecification() {
  return ReadTextProto<v1::SpecificationText>(kSchemas /
                                              "specifications/huc-msc-injection.textproto");
}

// A line of M-AVA-CULT, as a field of a specification's text: released by `none`, failed by `seen`.
inline std::string CultureLine(const std::string& code, const std::string& none,
                               const std::string& seen, const std::string& more = "") {
  return "lines { number: '" + code + "' line_code: '" + code +
         "' name_en: 'V' name_zh: '病毒' panel: 'AVA-CULT' method_id: 'M-AVA-CULT' "
         "result_kind: RESULT_KIND_OBSERVATION criteria { accepted_codes: '" +
         none + "' } codes { code: '" + none + "' text_en: 'None' text_zh: '无' } codes { code: '" +
         seen + "' text_en: 'Seen' text_zh: '有' } " +
         "gates { gate: GATE_BANK lot_kinds: [LOT_KIND_MCB, LOT_KIND_WCB] } "
         "verdict_mode: VERDICT_MODE_JUDGED clause: '3302' source: 'test' " +
         more + " } ";
}

// By method id, which is also the name of the file.
inline std::map<std::string, v1::Method> ReadMethods() {
  std::map<std::string, v1::Method> methods;
  for (const auto& file : std::filesystem::directory_iterator(kSchemas / "methods")) {
    auto method = ReadTextProto<v1::Method>(file.path());
    EXPECT_EQ(file.path().filename().string(), method.method_id() + ".textproto");
    methods[method.method_id()] = method;
  }
  return methods;
}

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_MODEL_FILES_H_
