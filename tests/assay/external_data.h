// Reads the simple text and JSON files that the external tests of the assays compare with.
#ifndef LIMS_TESTS_ASSAY_EXTERNAL_DATA_H_
#define LIMS_TESTS_ASSAY_EXTERNAL_DATA_H_

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lims::assay {

std::filesystem::path ExternalFile(const std::string& name);

nlohmann::json ReadJson(const std::filesystem::path& path);

std::vector<std::string> ReadLines(const std::filesystem::path& path);

std::vector<std::string> SplitFields(const std::string& line, char separator);

double ToNumber(std::string_view text);

// The numbers of a line, blanks between them and words left out.
std::vector<double> NumbersOf(const std::string& line);

}  // namespace lims::assay

#endif  // LIMS_TESTS_ASSAY_EXTERNAL_DATA_H_
