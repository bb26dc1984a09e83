// What the API says people type is what they can type.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "lims/v1/commands.h"
#include "support/process.h"
#include "support/service_methods.h"

namespace lims {
namespace {

// "run submit" as the program itself knows it: the first words of its help.
void ExpectCommand(const std::string& command) {
  std::vector<std::string> line = {LIMS_BINARY_DIR "/bin/lims"};
  for (std::size_t at = 0; at < command.size();) {
    const std::size_t end = std::min(command.find(' ', at), command.size());
    line.push_back(command.substr(at, end - at));
    at = end + 1;
  }
  line.push_back("--help");
  Process program(line);
  EXPECT_TRUE(program.WaitForLine("Usage: lims " + command + " ", std::chrono::seconds(20)))
      << command << "\n"
      << program.output();
}

TEST(Commands, EachThatAnRpcNamesExists) {
  int count = 0;
  for (const auto* method : AllMethods()) {
    const std::string command = v1::CommandOf(*method);
    if (command.empty()) continue;
    ++count;
    ExpectCommand(command);
  }
  EXPECT_GT(count, 50);
}

TEST(Commands, EachMeaningOfASignatureHasOne) {
  const auto* meanings = v1::Meaning_descriptor();
  for (int i = 0; i < meanings->value_count(); ++i) {
    const auto meaning = static_cast<v1::Meaning>(meanings->value(i)->number());
    if (meaning == v1::MEANING_UNSPECIFIED) continue;
    ASSERT_FALSE(v1::CommandOf(meaning).empty()) << meanings->value(i)->name();
    ExpectCommand(v1::CommandOf(meaning));
  }
}

TEST(Commands, OnlyPartsOfOthersHaveNone) {
  std::set<std::string> without;
  for (const auto* method : AllMethods()) {
    if (v1::CommandOf(*method).empty()) without.insert(method->name());
  }
  EXPECT_EQ(without, (std::set<std::string>{"GetCheckpoint", "ListPermissions", "PrepareSignature",
                                            "Sign", "UploadRaw"}));
}

}  // namespace
}  // namespace lims
