// Reads {package, data, expressions} from standard input; writes one answer a line.
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
const jsonata = require(input.package);

function shown(value) {
  if (value === undefined) return { undefined: true };
  if (typeof value === "function" || (value && (value._jsonata_lambda || value._jsonata_function))) return { function: true };
  let functions = false;
  const text = JSON.stringify(value, (key, item) => {
    if (item && (item._jsonata_lambda || item._jsonata_function)) functions = true;
    if (typeof item === "function") functions = true;
    return item;
  });
  return functions ? { function: true } : { text };
}

(async () => {
  for (const expression of input.expressions) {
    let answer;
    try {
      const compiled = jsonata(expression);
      answer = shown(await compiled.evaluate(JSON.parse(JSON.stringify(input.data))));
    } catch (error) {
      answer = { code: error.code || "none", message: error.message };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
})();
