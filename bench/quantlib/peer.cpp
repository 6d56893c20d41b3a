// The QuantLib side of `npm run -s bench:numbers`. Reads the inputs that the bench wrote, then serves
// one timed round per line of stdin, so that rounds of both sides take turns on the same machine:
//   peer FOLDER   <- "european" | "implied" | "american-fast" | ...   -> "<cpu seconds>"
// The first round of a topic also writes its values to FOLDER/<topic>.out as doubles.
#include <ql/exercise.hpp>
#include <ql/instruments/payoffs.hpp>
#include <ql/instruments/vanillaoption.hpp>
#include <ql/models/equity/hestonmodel.hpp>
#include <ql/pricingengines/blackcalculator.hpp>
#include <ql/pricingengines/blackformula.hpp>
#include <ql/pricingengines/vanilla/analytichestonengine.hpp>
#include <ql/pricingengines/vanilla/mceuropeanengine.hpp>
#include <ql/pricingengines/vanilla/qdfpamericanengine.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/processes/hestonprocess.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>
#include <ql/version.hpp>
#include <cmath>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace QuantLib;
using Row = const double*;
using Values = std::vector<double>;

namespace {

double cpuSeconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

Values readDoubles(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) throw std::runtime_error("cannot read " + path);
    Values values(static_cast<std::size_t>(file.tellg()) / sizeof(double));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), std::streamsize(values.size() * sizeof(double)));
    return values;
}

Option::Type typeOf(double sign) { return sign > 0 ? Option::Call : Option::Put; }

/// Rows of sign, spot, strike, time, rate, yield, volatility or price.
constexpr std::size_t OPTION_WIDTH = 7;

Handle<YieldTermStructure> flat(const Date& today, double rate) {
    return Handle<YieldTermStructure>(
        ext::make_shared<FlatForward>(today, rate, Actual365Fixed(), Continuous));
}

ext::shared_ptr<GeneralizedBlackScholesProcess> blackScholes(Row row) {
    const Date today = Settings::instance().evaluationDate();
    return ext::make_shared<BlackScholesMertonProcess>(
        Handle<Quote>(ext::make_shared<SimpleQuote>(row[1])), flat(today, row[5]), flat(today, row[4]),
        Handle<BlackVolTermStructure>(
            ext::make_shared<BlackConstantVol>(today, NullCalendar(), row[6], Actual365Fixed())));
}

/// Price, delta, gamma, vega, theta and rho of every row.
void european(const Values& input, Values& out) {
    const std::size_t count = input.size() / OPTION_WIDTH;
    out.resize(count * 6);
    for (std::size_t i = 0; i < count; ++i) {
        Row row = &input[i * OPTION_WIDTH];
        const double time = row[3];
        const double discount = std::exp(-row[4] * time);
        const double forward = row[1] * std::exp((row[4] - row[5]) * time);
        const BlackCalculator black(typeOf(row[0]), row[2], forward, row[6] * std::sqrt(time), discount);
        double* values = &out[i * 6];
        values[0] = black.value();
        values[1] = black.delta(row[1]);
        values[2] = black.gamma(row[1]);
        values[3] = black.vega(time);
        values[4] = black.theta(row[1], time);
        values[5] = black.rho(time);
    }
}

/// Implied volatility of every row with the default accuracy of the library.
void implied(const Values& input, Values& out) {
    const std::size_t count = input.size() / OPTION_WIDTH;
    out.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        Row row = &input[i * OPTION_WIDTH];
        const double time = row[3];
        const double discount = std::exp(-row[4] * time);
        const double forward = row[1] * std::exp((row[4] - row[5]) * time);
        try {
            out[i] = blackFormulaImpliedStdDev(typeOf(row[0]), row[2], forward, row[6], discount) /
                     std::sqrt(time);
        } catch (const std::exception&) {
            out[i] = 0;
        }
    }
}

/// The pricing function itself, without instruments, observers and term structures around it.
class BareQdFp : public QdFpAmericanEngine {
  public:
    using QdFpAmericanEngine::QdFpAmericanEngine;
    double put(Row row) const { return calculatePut(row[1], row[2], row[4], row[5], row[6], row[3]); }
};

void american(const BareQdFp& engine, const Values& input, Values& out) {
    const std::size_t count = input.size() / OPTION_WIDTH;
    out.resize(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = engine.put(&input[i * OPTION_WIDTH]);
}

/// Rows of sign, spot, strike, time, rate, yield, v0, kappa, theta, sigma, rho; rows of one expiry
/// share their model and follow each other.
constexpr std::size_t HESTON_WIDTH = 11;

void heston(const Values& input, Values& out) {
    const std::size_t count = input.size() / HESTON_WIDTH;
    out.resize(count);
    const Date today = Settings::instance().evaluationDate();
    static const auto laguerre = AnalyticHestonEngine::Integration::gaussLaguerre(144);
    ext::shared_ptr<AnalyticHestonEngine> engine;
    for (std::size_t i = 0; i < count; ++i) {
        Row row = &input[i * HESTON_WIDTH];
        if (engine == nullptr || !std::equal(row + 6, row + 11, row + 6 - HESTON_WIDTH)) {
            const auto process = ext::make_shared<HestonProcess>(
                flat(today, row[4]), flat(today, row[5]),
                Handle<Quote>(ext::make_shared<SimpleQuote>(row[1])), row[6], row[7], row[8], row[9],
                row[10]);
            engine = ext::make_shared<AnalyticHestonEngine>(
                ext::make_shared<HestonModel>(process), 144);
        }
        const PlainVanillaPayoff payoff(typeOf(row[0]), row[2]);
        Size evaluations = 0;
        AnalyticHestonEngine::doCalculation(
            std::exp(-row[4] * row[3]), std::exp(-row[5] * row[3]), row[1], row[2], row[3], row[7],
            row[8], row[9], row[6], row[10], payoff, laguerre, AnalyticHestonEngine::Gatheral,
            engine.get(), out[i], evaluations);
    }
}

/// One option by one step per path; the number of paths follows the seven columns. The option's time is
/// a whole number of days, since the instrument has dates.
void monteCarlo(const Values& input, Values& out) {
    const double* row = input.data();
    const Date today = Settings::instance().evaluationDate();
    const auto exercise =
        ext::make_shared<EuropeanExercise>(today + Integer(std::lround(row[3] * 365)));
    VanillaOption option(ext::make_shared<PlainVanillaPayoff>(typeOf(row[0]), row[2]), exercise);
    option.setPricingEngine(MakeMCEuropeanEngine<PseudoRandom>(blackScholes(row))
                                .withSteps(1)
                                .withSamples(Size(row[OPTION_WIDTH]))
                                .withSeed(42));
    out = {option.NPV(), option.errorEstimate()};
}

void save(const std::string& path, const Values& values) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(values.data()),
               std::streamsize(values.size() * sizeof(double)));
}

using Round = std::function<void(const Values&, Values&)>;
struct Topic {
    std::string inputs;
    Round round;
};

Round americanWith(const ext::shared_ptr<QdFpIterationScheme>& scheme) {
    const double anyRow[OPTION_WIDTH] = {-1, 100, 100, 1, 0.05, 0, 0.2};
    const auto engine = ext::make_shared<BareQdFp>(blackScholes(anyRow), scheme);
    return [engine](const Values& input, Values& out) { american(*engine, input, out); };
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: peer FOLDER\n";
        return 2;
    }
    Settings::instance().evaluationDate() = Date(15, June, 2026);
    const std::string folder = argv[1];
    const std::map<std::string, Topic> topics = {
        {"european", {"european", european}},
        {"implied", {"implied", implied}},
        {"american-fast", {"american", americanWith(QdFpAmericanEngine::fastScheme())}},
        {"american-accurate", {"american", americanWith(QdFpAmericanEngine::accurateScheme())}},
        {"american-precise", {"american", americanWith(QdFpAmericanEngine::highPrecisionScheme())}},
        {"heston", {"heston", heston}},
        {"monte-carlo", {"monte-carlo", monteCarlo}},
    };
    std::map<std::string, Values> outputs;
    std::cout << QL_VERSION << std::endl;
    for (std::string name; std::getline(std::cin, name);) {
        const auto found = topics.find(name);
        if (found == topics.end()) {
            std::cerr << "no topic " << name << "\n";
            return 2;
        }
        const Values input = readDoubles(folder + "/" + found->second.inputs + ".in");
        Values& out = outputs[name];
        const bool isFirst = out.empty();
        const double start = cpuSeconds();
        found->second.round(input, out);
        const double seconds = cpuSeconds() - start;
        if (isFirst) save(folder + "/" + name + ".out", out);
        std::cout << seconds << std::endl;
    }
    return 0;
}
