using System.CommandLine;
using LlmObserve.Bench;

// ./dev bench [NAME…] [--data DIR]
var names = new Argument<string[]>("name") { Description = $"What to measure: {string.Join(", ", BenchRows.Names)}. All but micro and cluster by default." };
names.AcceptOnlyFromAmong([.. BenchRows.Names]);
var data = new Option<string>("--data")
{
    Description = "Where the database lives between runs; the seeded events take about 8 GB, half of them only while measuring",
    DefaultValueFactory = _ => Repository.InRoot(".data/bench"),
};
var cluster = new Option<string?>("--cluster-server") { Description = "The server's assembly, built with -p:Engine=Orleans: for the row cluster" };
var root = new RootCommand("Measures the cost engine: ratios within one run on one machine.") { names, data, cluster };
root.SetAction((result, cancellation) =>
    BenchCommand.RunAsync(result.GetValue(names) ?? [], result.GetRequiredValue(data), result.GetValue(cluster), TimeProvider.System, cancellation));
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
