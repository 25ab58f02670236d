namespace LlmObserve.Simulation;

/// <summary>What a run is made of, all of it drawn from its seed.</summary>
/// <param name="Strict">
/// Every call is held before it is made, costs no more than was held, and is reported in time. Then at every moment, whatever crashes: spent
/// + held ≤ limit. Otherwise calls also come late, without a hold, under other labels, or cost more, and caps change; then it holds at every grant.
/// </param>
/// <param name="Steps">How long it goes on before everything heals.</param>
/// <param name="Clients">Callers.</param>
/// <param name="Loss">Chance in a thousand that a message is refused or its answer lost.</param>
/// <param name="Crashes">Chance in a thousand that a step of the world is a crash.</param>
/// <param name="Zombies">Chance in a thousand that another activation comes while one lives.</param>
/// <param name="Stray">Chance in a thousand that a call goes to an older activation that lives on without knowing.</param>
/// <param name="StrayReports">The same of a report of a call. The first one that strays tells it.</param>
/// <param name="Outages">Chance in a thousand that the database goes away for a while.</param>
/// <param name="ClockSteps">Chance in a thousand that somebody sets the wall clock.</param>
/// <param name="CapChanges">Chance in a thousand that a caller changes a cap instead; not in strict runs.</param>
/// <param name="SlowAnswers">Chance in a thousand that the answer to what was done is long on its way.</param>
internal sealed record Scenario(
    bool Strict, int Steps, int Clients, int Loss, int Crashes, int Zombies, int Stray, int StrayReports, int Outages, int ClockSteps, int CapChanges, int SlowAnswers)
{
    /// <summary>Half the runs have a bit of everything; the others dwell on one thing, which seldom comes about among all the rest.</summary>
    public static Scenario Draw(Random random) => random.Next(8) switch
    {
        0 => Duel(random),
        1 => Doubt(random),
        2 => Relay(random),
        3 => Reform(random),
        _ => Everything(random),
    };

    private static Scenario Everything(Random random) => new(
        Strict: random.Next(2) == 0,
        Steps: random.Next(300, 1_500),
        Clients: random.Next(1, 9),
        Loss: random.Next(3) == 0 ? 0 : random.Next(1, 150),
        Crashes: random.Next(3) == 0 ? 0 : random.Next(1, 120),
        Zombies: random.Next(2) == 0 ? 0 : random.Next(1, 120),
        Stray: random.Next(2) == 0 ? 50 : random.Next(100, 700),
        StrayReports: random.Next(1, 100),
        Outages: random.Next(2) == 0 ? 0 : random.Next(1, 60),
        ClockSteps: random.Next(2) == 0 ? 0 : random.Next(1, 80),
        CapChanges: 60,
        SlowAnswers: random.Next(2) == 0 ? 0 : random.Next(1, 200));

    /// <summary>Two activations grant side by side, and one of them hears of no event.</summary>
    private static Scenario Duel(Random random) => new(
        Strict: true, random.Next(800, 2_000), Clients: random.Next(4, 9), Loss: 0, Crashes: 0, Zombies: 4, Stray: 600, StrayReports: 0, Outages: 0, ClockSteps: 0, CapChanges: 0, SlowAnswers: random.Next(2) == 0 ? 0 : 200);

    /// <summary>Whether commits landed is often not known, and the account can often not be read again.</summary>
    private static Scenario Doubt(Random random) => new(
        Strict: true, random.Next(500, 1_500), Clients: random.Next(3, 9), Loss: random.Next(150, 400), Crashes: 0, Zombies: 0, Stray: 0, StrayReports: 0, Outages: 40, ClockSteps: 0, CapChanges: 0, SlowAnswers: 0);

    /// <summary>Activations follow each other quickly, on machines whose clocks differ.</summary>
    private static Scenario Relay(Random random) => new(
        Strict: true, random.Next(500, 1_500), Clients: random.Next(3, 9), Loss: 0, Crashes: random.Next(100, 400), Zombies: 0, Stray: 0, StrayReports: 0, Outages: 0, ClockSteps: 0, CapChanges: 0, SlowAnswers: 0);

    /// <summary>Caps change all the time, and activations die soon after.</summary>
    private static Scenario Reform(Random random) => new(
        Strict: false, random.Next(500, 1_500), Clients: random.Next(3, 9), Loss: 0, Crashes: random.Next(100, 400), Zombies: 0, Stray: 0, StrayReports: 0, Outages: 0, ClockSteps: 0, CapChanges: 250, SlowAnswers: 0);
}
