using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class PersistentStateTests
{
    private static readonly GrainId Id = GrainId.Create("note", "a");

    [Fact]
    public async Task State_OfANewGrain_IsEmptyAndWithoutARecord()
    {
        await using var engine = Engine(out _);

        Assert.Equal(("", false, null), await engine.Grains.GetGrain<INoteGrain>("a").ReadAsync());
    }

    [Fact]
    public async Task State_Written_IsThereForTheNextActivation()
    {
        await using var engine = Engine(out _);
        var grain = engine.Grains.GetGrain<INoteGrain>("a");
        await grain.WriteAsync("hello");
        await EndAsync(engine);

        var (text, exists, etag) = await grain.ReadAsync();

        Assert.Equal(("hello", true), (text, exists));
        Assert.NotNull(etag);
        // Read before OnActivateAsync, which found it.
        Assert.Equal(["activated with ''", "activated with 'hello'"], engine.Journal.Entries);
        Assert.Equal(("", false, null), await engine.Grains.GetGrain<INoteGrain>("b").ReadAsync());
    }

    [Fact]
    public async Task State_ChangedButNotWritten_IsLostWithTheActivation()
    {
        await using var engine = Engine(out _);
        var grain = engine.Grains.GetGrain<INoteGrain>("a");
        await grain.WriteAsync("first");
        await grain.ChangeAsync("second");
        await EndAsync(engine);

        Assert.Equal("first", (await grain.ReadAsync()).Text);
    }

    [Fact]
    public async Task State_WrittenByAnotherMeanwhile_FailsTheWriteAndTheNextCallSeesTheOther()
    {
        await using var engine = Engine(out var storage);
        var grain = engine.Grains.GetGrain<INoteGrain>("a");
        await grain.WriteAsync("mine");
        var stored = new OtherState();
        await storage.ReadStateAsync("note", Id, stored);
        stored.State = new Note { Text = "theirs" };
        await storage.WriteStateAsync("note", Id, stored);
        var first = engine.ActivationOf<INoteGrain>("a");

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => grain.WriteAsync("mine again"));

        Assert.Equal(stored.ETag, conflict.StoredEtag);
        Assert.NotEqual(conflict.StoredEtag, conflict.CurrentEtag);
        await first.Deactivated.Soon();
        Assert.Equal("theirs", (await grain.ReadAsync()).Text);
        await grain.WriteAsync("mine after all");
    }

    [Fact]
    public async Task Conflict_PassingAnotherGrain_EndsOnlyTheOneItCameFrom()
    {
        await using var engine = Engine(out var storage);
        await engine.Grains.GetGrain<INoteGrain>("a").WriteAsync("mine");
        await storage.ClearStateAsync("note", Id, await ReadAsync(storage));
        await engine.Grains.GetGrain<INoteGrain>("caller").ReadAsync();
        var caller = engine.ActivationOf<INoteGrain>("caller");
        var callee = engine.ActivationOf<INoteGrain>("a");

        await Assert.ThrowsAsync<InconsistentStateException>(() =>
            engine.Grains.GetGrain<INoteGrain>("caller").ForwardAsync("a", "mine again"));

        await callee.Deactivated.Soon();
        await engine.QuietAsync();
        Assert.Same(caller, engine.ActivationOf<INoteGrain>("caller"));
    }

    [Fact]
    public async Task State_Cleared_IsEmptyAgainAndAnOldVersionNeverComesBack()
    {
        await using var engine = Engine(out var storage);
        var grain = engine.Grains.GetGrain<INoteGrain>("a");
        await grain.WriteAsync("old");
        var old = await ReadAsync(storage);
        await grain.ClearAsync();
        Assert.Equal(("", false, null), await grain.ReadAsync());
        await grain.WriteAsync("new");

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync("note", Id, old));
    }

    [Fact]
    public async Task State_ThatCannotBeRead_FailsTheActivation()
    {
        await using var engine = Engine(out var storage);
        storage.Fault = new TimeoutException("no database");

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => engine.Grains.GetGrain<INoteGrain>("a").ReadAsync().Soon());

        Assert.Equal("no database", failure.Message);
        storage.Fault = null;
        Assert.Equal("", (await engine.Grains.GetGrain<INoteGrain>("a").ReadAsync().Soon()).Text);
    }

    [Fact]
    public async Task State_WithoutItsStorage_FailsTheCallAndNamesIt()
    {
        await using var engine = new TestEngine();

        var failure = await Assert.ThrowsAsync<OrleansConfigurationException>(() => engine.Grains.GetGrain<INoteGrain>("a").ReadAsync().Soon());

        Assert.Contains("no storage named \"notes\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OfTwoAtOnce_LetsOneThrough()
    {
        var storage = new MemoryGrainStorage();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await storage.WriteStateAsync("note", Id, new OtherState { State = new Note { Text = $"{i}" } });
                return 1;
            }
            catch (InconsistentStateException)
            {
                return 0;
            }
        })));

        Assert.Equal(1, outcomes.Sum());
    }

    private static TestEngine Engine(out FaultyStorage storage)
    {
        var made = storage = new FaultyStorage();
        return new TestEngine(register: services => services.AddKeyedSingleton<IGrainStorage>("notes", made));
    }

    private static async Task EndAsync(TestEngine engine)
    {
        var activation = engine.ActivationOf<INoteGrain>("a");
        activation.Deactivate(default);
        await activation.Deactivated.Soon();
    }

    private static async Task<OtherState> ReadAsync(IGrainStorage storage)
    {
        var state = new OtherState();
        await storage.ReadStateAsync("note", Id, state);
        return state;
    }

    internal interface INoteGrain : IGrainWithStringKey
    {
        Task<(string Text, bool Exists, string? Etag)> ReadAsync();

        Task WriteAsync(string text);

        Task ChangeAsync(string text);

        Task ClearAsync();

        Task ForwardAsync(string key, string text);
    }

    internal sealed class Note
    {
        public string Text { get; set; } = "";
    }

    internal sealed class NoteGrain([PersistentState("note", "notes")] IPersistentState<Note> note, Journal journal) : Grain, INoteGrain
    {
        public override Task OnActivateAsync(CancellationToken cancellationToken)
        {
            journal.Add($"activated with '{note.State.Text}'");
            return Task.CompletedTask;
        }

        public Task<(string Text, bool Exists, string? Etag)> ReadAsync() =>
            Task.FromResult((note.State.Text, note.RecordExists, note.Etag));

        public Task WriteAsync(string text)
        {
            note.State.Text = text;
            return note.WriteStateAsync();
        }

        public Task ChangeAsync(string text)
        {
            note.State.Text = text;
            return Task.CompletedTask;
        }

        public Task ClearAsync() => note.ClearStateAsync();

        public Task ForwardAsync(string key, string text) => GrainFactory.GetGrain<INoteGrain>(key).WriteAsync(text);
    }

    private sealed class OtherState : IGrainState<Note>
    {
        public Note? State { get; set; }

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }

    // The engine's own store, until told to fail.
    private sealed class FaultyStorage : IGrainStorage
    {
        private readonly MemoryGrainStorage _storage = new();

        public Exception? Fault { get; set; }

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            Fault is { } fault ? Task.FromException(fault) : _storage.ReadStateAsync(stateName, grainId, grainState);

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            _storage.WriteStateAsync(stateName, grainId, grainState);

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            _storage.ClearStateAsync(stateName, grainId, grainState);
    }
}
