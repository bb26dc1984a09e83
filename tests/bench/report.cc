#include "report.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace lims::bench {

void Report::Section(const std::string& title) {
  fmt::print("\n{}\n", title);
  std::fflush(stdout);
}

void Report::Add(std::string name, double value, std::string unit, std::string goal) {
  fmt::print("  {:<52} {:>12.{}f} {:<6} {}\n", name, value, value < 10 ? 3 : (value < 100 ? 2 : 0),
             unit, goal);
  std::fflush(stdout);
  lines_.push_back({std::move(name), value, std::move(unit), std::move(goal)});
}

void Report::WriteJson(const std::string& path) const {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Line& line : lines_) {
    json.push_back(
        {{"name", line.name}, {"value", line.value}, {"unit", line.unit}, {"goal", line.goal}});
  }
  std::ofstream(path) << json.dump(1) << "\n";
}

}  // namespace lims::bench
