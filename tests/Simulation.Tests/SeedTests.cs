namespace LlmObserve.Simulation.Tests;

/// <summary>The promises through thousands of runs, and that the checks find what they are for.</summary>
public sealed class SeedTests
{
    /// <summary>Of each of the parts that run beside each other: thousands in all, in some ten seconds.</summary>
    private const int Seeds = 2_000;

    /// <summary>Every planted fault is found far sooner than within all the seeds that are run for none.</summary>
    private const int SeedsPerFault = 3_000;

    public static TheoryData<PlantedFault> Faults => [.. Enum.GetValues<PlantedFault>().Where(fault => fault != PlantedFault.None)];

    [Theory]
    [InlineData(1)]
    [InlineData(1 + Seeds)]
    [InlineData(1 + (2 * Seeds))]
    public void Run_ManySeeds_KeepsEveryPromise(int first)
    {
        for (var seed = first; seed < first + Seeds; seed++)
        {
            var failure = Failure(seed, PlantedFault.None);
            Assert.True(failure is null, $"seed {seed}: {failure}. Replay it: ./dev simulate --seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Run_PlantedFault_IsFound(PlantedFault fault) =>
        Assert.Contains(Enumerable.Range(1, SeedsPerFault), seed => Failure(seed, fault) is not null);

    [Theory]
    [InlineData(7)]
    [InlineData(4_711)]
    [InlineData(11_612)]
    public void Run_SameSeedTwice_IsTheSameRun(int seed)
    {
        var first = Trace(seed);

        Assert.NotEmpty(first);
        Assert.Equal(first, Trace(seed));
    }

    [Fact]
    public void Run_ManySeeds_GrantsHoldsAndRecordsEvents()
    {
        // A world in which nothing happens would keep every promise too.
        var (grants, events) = (0, 0);
        for (var seed = 1; seed <= 100; seed++)
        {
            var world = new World(seed);
            world.Run();
            grants += world.Grants;
            events += world.Database.Rows.Count;
        }

        Assert.InRange(grants, 500, int.MaxValue);
        Assert.InRange(events, 300, int.MaxValue);
    }

    private static List<string> Trace(int seed)
    {
        List<string> lines = [];
        new World(seed, PlantedFault.None, lines.Add).Run();
        return lines;
    }

    private static string? Failure(int seed, PlantedFault fault)
    {
        try
        {
            new World(seed, fault).Run();
            return null;
        }
        catch (SimulationFailedException e)
        {
            return e.Message;
        }
    }
}
