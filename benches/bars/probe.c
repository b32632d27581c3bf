/* The floor that a per-bar loop stands on: equity, drawdown and the moments of returns of one position array.
 *
 * Signals are made already and nothing is recorded; an engine that visits every bar does at least this much.
 */
#include <stddef.h>

/* position: 1 long with all equity, 0 flat, decided and filled at each close. out: equity, drawdown, mean, square. */
void probe(const double *close, const signed char *position, size_t bars, double fee, double cash, double *out)
{
    double units = 0.0, equity = cash, before = cash, peak = cash, drawdown = 0.0, sum = 0.0, squares = 0.0;
    for (size_t bar = 0; bar < bars; bar++) {
        double price = close[bar];
        if (position[bar] && units == 0.0) {
            units = cash / (price * (1.0 + fee));
            cash = 0.0;
        } else if (!position[bar] && units != 0.0) {
            cash = units * price * (1.0 - fee);
            units = 0.0;
        }
        equity = cash + units * price;
        double change = equity / before - 1.0;
        double below = (peak - equity) / peak;
        peak = equity > peak ? equity : peak;
        drawdown = below > drawdown ? below : drawdown;
        sum += change;
        squares += change * change;
        before = equity;
    }
    out[0] = equity;
    out[1] = drawdown;
    out[2] = sum / (double)bars;
    out[3] = squares / (double)bars;
}
