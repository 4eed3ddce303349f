import { useEffect, useState } from "react";
import { Link } from "react-router";

/**
 * Emails by hour or day, as stacked bars; the same numbers as a table for whoever cannot see bars.
 *
 * `bars` are {at, counts, href}, `layers` are {name, color} of the counts, from the ground up.
 * `onZone` is told the reader's time zone when it is not the one that was counted by.
 */
export function Chart({ bars = [], layers = [], hourly = false, zone = "UTC", onZone }) {
  const [over, setOver] = useState(null);

  useEffect(() => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own && own !== zone) onZone?.(own);
  }, []);

  const total = (bar) => bar.counts.reduce((sum, one) => sum + one, 0);
  const top = nice(Math.max(1, ...bars.map(total)));
  const shown = layers.filter((_, at) => bars.some((bar) => bar.counts[at] > 0));
  const said = (bar) =>
    layers
      .map((layer, at) => [layer.name, bar.counts[at]])
      .filter(([, number]) => number > 0)
      .map(([name, number]) => `${number.toLocaleString()} ${name.toLowerCase()}`)
      .join(", ") || "no emails";
  const named = (bar, long) => {
    const at = new Date(bar.at);
    if (hourly) {
      const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
      return long ? `from ${time}` : time;
    }
    return at.toLocaleDateString(
      undefined,
      long
        ? { weekday: "long", day: "numeric", month: "long" }
        : { day: "numeric", month: "short" },
    );
  };
  const every = Math.ceil(bars.length / 7);

  return (
    <figure className="chart">
      <div className="chart-plot" aria-hidden="true" onPointerLeave={() => setOver(null)}>
        <div className="chart-scale">
          <span>{top.toLocaleString()}</span>
          <span>{top > 1 ? (top / 2).toLocaleString() : ""}</span>
          <span>0</span>
        </div>
        <div className="chart-bars">
          {bars.map((bar, at) => (
            <Link
              key={bar.at}
              to={bar.href}
              tabIndex={-1}
              className="chart-bar"
              data-over={over === at || undefined}
              onPointerEnter={() => setOver(at)}
            >
              <span className="chart-stack">
                {layers.map((layer, layerAt) =>
                  bar.counts[layerAt] ? (
                    <span
                      key={layer.name}
                      style={{
                        height: `${(100 * bar.counts[layerAt]) / top}%`,
                        background: layer.color,
                      }}
                    />
                  ) : null,
                )}
              </span>
              <span className="chart-name">{at % every === 0 ? named(bar) : ""}</span>
            </Link>
          ))}
        </div>
      </div>
      <figcaption>
        <div className="chart-foot" aria-hidden="true">
          {over === null || !bars[over] ? (
            <ul className="chart-legend">
              {shown.map((layer) => (
                <li key={layer.name}>
                  <span style={{ background: layer.color }} />
                  {layer.name}
                </li>
              ))}
              {shown.length === 0 && <li>No emails in this time.</li>}
            </ul>
          ) : (
            <span>
              <strong>{named(bars[over], true)}</strong>: {said(bars[over])}
            </span>
          )}
        </div>
        <details className="chart-table">
          <summary>Show as a table</summary>
          <div className="chart-scroll" tabIndex={0} role="region" aria-label="Emails as a table">
            <table>
              <thead>
                <tr>
                  <th scope="col">{hourly ? "Hour" : "Day"}</th>
                  {shown.map((layer) => <th scope="col" key={layer.name}>{layer.name}</th>)}
                </tr>
              </thead>
              <tbody>
                {bars.map((bar) => (
                  <tr key={bar.at}>
                    <th scope="row"><Link to={bar.href}>{named(bar, true)}</Link></th>
                    {layers.map((layer, at) =>
                      shown.includes(layer) ? (
                        <td key={layer.name}>{bar.counts[at].toLocaleString()}</td>
                      ) : null,
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </figcaption>
    </figure>
  );
}

/** The next round number, so that the middle line is one as well. */
function nice(number) {
  const size = 10 ** Math.floor(Math.log10(number));
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * size >= number);
  return step * size;
}
