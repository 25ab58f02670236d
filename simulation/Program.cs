using System.CommandLine;
using System.Diagnostics;
using LlmObserve.Simulation;

var seed = new Option<int?>("--seed") { Description = "Run this seed alone, and print all that happens." };
var from = new Option<int>("--from") { Description = "The first seed.", DefaultValueFactory = _ => 1 };
var count = new Option<int>("--seeds") { Description = "How many seeds.", DefaultValueFactory = _ => 2_000 };
var fault = new Option<PlantedFault>("--fault") { Description = "A fault that is there on purpose." };
var root = new RootCommand("Simulates an account through crashes, lost replies and stepped clocks, and checks every promise after every step.")
{
    seed, from, count, fault,
};
root.SetAction(arguments =>
{
    var planted = arguments.GetValue(fault);
    if (arguments.GetValue(seed) is { } one)
    {
        return Run(one, planted, Console.WriteLine) ? 0 : 1;
    }

    var started = Stopwatch.GetTimestamp();
    var (first, seeds) = (arguments.GetValue(from), arguments.GetValue(count));
    for (var next = first; next < first + seeds; next++)
    {
        if (!Run(next, planted, null))
        {
            Console.WriteLine($"replay it: ./dev simulate --seed {next}{(planted == PlantedFault.None ? "" : $" --fault {planted}")}");
            return 1;
        }
    }

    Console.WriteLine($"seeds {first} to {first + seeds - 1}: every promise held after every step ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s)");
    return 0;
});
return root.Parse(args).Invoke();

static bool Run(int seed, PlantedFault fault, Action<string>? trace)
{
    var world = new World(seed, fault, trace);
    try
    {
        world.Run();
        trace?.Invoke($"seed {seed}: every promise held after every step; {world.Grants} holds, {world.Database.Rows.Count} events");
        return true;
    }
    catch (SimulationFailedException e)
    {
        Console.WriteLine($"seed {seed} fails: {e.Message}");
        return false;
    }
}
