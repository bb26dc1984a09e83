// Published rounding vectors that are no part of the repository.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "base/decimal.h"

namespace lims {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(LIMS_SHARED_DIR) / "data" / "rounding";

Decimal Number(std::string_view text) {
  return Decimal::Parse(text).value();
}

struct Vector {
  std::string id, operation;
  std::vector<std::string> operands;
  std::string result;
  Rounding rounding;
  int precision;
};

// The half-even and half-up vectors of a file in the General Decimal Arithmetic test format whose
// operands and result are finite numbers that Decimal holds.
std::vector<Vector> ReadVectors(const std::filesystem::path& path) {
  std::vector<Vector> vectors;
  std::ifstream file(path);
  std::optional<Rounding> rounding;
  int precision = 0;
  for (std::string line; std::getline(file, line);) {
    line.erase(std::min(line.find("--"), line.size()));
    std::erase(line, '\'');
    std::istringstream words(line);
    Vector vector;
    words >> vector.id >> vector.operation;
    if (vector.id == "rounding:") {
      rounding.reset();
      if (vector.operation == "half_even") rounding = Rounding::kHalfEven;
      if (vector.operation == "half_up") rounding = Rounding::kHalfUp;
    } else if (vector.id == "precision:") {
      precision = std::stoi(vector.operation);
    }
    if (!rounding || line.find("->") == std::string::npos) continue;
    for (std::string word; words >> word && word != "->";) vector.operands.push_back(word);
    words >> vector.result;
    vector.rounding = *rounding;
    vector.precision = precision;
    const bool finite = Decimal::Parse(vector.result) &&
                        std::all_of(vector.operands.begin(), vector.operands.end(),
                                    [](const std::string& word) { return Decimal::Parse(word); });
    if (finite) vectors.push_back(vector);
  }
  return vectors;
}

Decimal RoundToDigits(const Decimal& value, int digits, Rounding rounding) {
  int places = digits;  // enough for a magnitude below 1; each loop drops one leading place
  for (Decimal bound = Number("0.1"); Abs(value) < bound && !value.zero();
       bound = bound * Number("0.1")) {
    ++places;
  }
  for (Decimal bound = Number("1"); Abs(value) >= bound; bound = bound * Number("10")) --places;
  return value.Round(places, rounding);
}

TEST(ExternalDecimal, RescalesLikeThePublishedVectors) {
  const auto path = kFolder / "rescale.decTest";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path;
  int count = 0;
  for (const Vector& vector : ReadVectors(path)) {
    if (vector.operation != "rescale") continue;
    SCOPED_TRACE(vector.id);
    const int exponent = std::stoi(vector.operands.at(1));
    const Decimal rounded = Number(vector.operands[0]).Round(-exponent, vector.rounding);
    EXPECT_EQ(rounded, Number(vector.result)) << rounded.ToString() << " for " << vector.result;
    EXPECT_EQ(rounded.decimals(), std::max(0, -exponent));
    ++count;
  }
  EXPECT_GE(count, 300);
}

TEST(ExternalDecimal, CalculatesAndRoundsLikeThePublishedVectors) {
  const auto path = kFolder / "rounding.decTest";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path;
  int count = 0;
  for (const Vector& vector : ReadVectors(path)) {
    SCOPED_TRACE(vector.id);
    const Decimal a = Number(vector.operands.at(0));
    const Decimal b = Number(vector.operands.at(1));
    Decimal exact;
    if (vector.operation == "add") {
      exact = a + b;
    } else if (vector.operation == "multiply") {
      exact = a * b;
    } else if (vector.operation == "divide") {
      exact = Divide(a, b).value();
    } else {
      continue;
    }
    const Decimal rounded = RoundToDigits(exact, vector.precision, vector.rounding);
    EXPECT_EQ(rounded, Number(vector.result)) << rounded.ToString() << " for " << vector.result;
    ++count;
  }
  EXPECT_GE(count, 200);
}

TEST(ExternalDecimal, RoundsLikeTheExamplesOfGbt8170) {
  const auto path = kFolder / "gbt8170_examples.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path;
  std::ifstream file(path);
  const auto document = nlohmann::json::parse(file);
  int count = 0;
  for (const auto& vector : document.at("vectors")) {
    const auto value = vector.at("value").get<std::string>();
    SCOPED_TRACE(value);
    const Decimal interval = Number(vector.at("interval").get<std::string>());
    const Decimal multiple = Divide(Number(value), interval).value().Round(0, Rounding::kHalfEven);
    const Decimal expected = Number(vector.at("rounded").get<std::string>());
    EXPECT_EQ(multiple * interval, expected);
    ++count;
    for (int places = -4; places <= 4; ++places) {
      if (interval != Number("1e" + std::to_string(-places))) continue;
      EXPECT_EQ(Number(value).Round(places, Rounding::kHalfEven).ToString(), expected.ToString());
    }
  }
  EXPECT_GE(count, 20);
}

}  // namespace
}  // namespace lims
