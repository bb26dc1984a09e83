// Reads the simple text and JSON files that the external tests of the assays compare with.
#ifndef LIMS_TESTS_ASSAY_EXTERNAL_DATA_H_
#define LIMS_TESTS_ASSAY_EXTERNAL_DATA_H_

#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace lims::assay {

inline std::filesystem::path ExternalFile(const std::string& name) {
  return std::filesystem::path(LIMS_SHARED_DIR) / "data" / name;
}

inline nlohmann::json ReadJson(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

inline std::vector<std::string> ReadLines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

inline std::vector<std::string> SplitFields(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  return fields;
}

inline double ToNumber(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The numbers of a line, blanks between them and words left out.
inline std::vector<double> NumbersOf(const std::string& line) {
  std::istringstream stream(line);
  std::vector<double> numbers;
  for (std::string word; stream >> word;) {
    double value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error == std::errc() && end == word.data() + word.size()) numbers.push_back(value);
  }
  return numbers;
}

}  // namespace lims::assay

#endif  // LIMS_TESTS_ASSAY_EXTERNAL_DATA_H_
