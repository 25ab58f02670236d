using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans.Tests;

public sealed class FilterTests
{
    [Fact]
    public async Task Filters_AroundACall_RunInOrderAndSeeIt()
    {
        await using var engine = new TestEngine(register: services => new Builder(services)
            .AddIncomingGrainCallFilter<JournalFilter>()
            .AddIncomingGrainCallFilter(async context =>
            {
                var journal = context.TargetContext.ActivationServices.GetRequiredService<Journal>();
                journal.Add("second in");
                await context.Invoke();
                journal.Add("second out");
            }));

        Assert.Equal(3, await engine.Grains.GetGrain<ISumGrain>("a").AddAsync(1, 2));

        Assert.Equal(
            [
                "in ISumGrain.AddAsync on sum/a SumGrain.AddAsync from nobody", "second in", "own in", "add", "own out", "second out", "out 3",
            ],
            engine.Journal.Entries);
    }

    [Fact]
    public async Task Filter_ThatChangesTheResult_ChangesTheAnswer()
    {
        await using var engine = new TestEngine(register: services => new Builder(services).AddIncomingGrainCallFilter(async context =>
        {
            await context.Invoke();
            context.Result = (int)context.Result! * 10;
        }));

        Assert.Equal(30, await engine.Grains.GetGrain<ISumGrain>("a").AddAsync(1, 2));
    }

    [Fact]
    public async Task Filter_ThatDoesNotGoOn_KeepsTheCallFromTheGrain()
    {
        await using var engine = new TestEngine(register: services => new Builder(services).AddIncomingGrainCallFilter(static context =>
        {
            context.Result = -1;
            return Task.CompletedTask;
        }));

        Assert.Equal(-1, await engine.Grains.GetGrain<ISumGrain>("a").AddAsync(1, 2));
        Assert.DoesNotContain("add", engine.Journal.Entries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_ThatThrows_FailsTheCall(bool atOnce)
    {
        await using var engine = new TestEngine(register: services => new Builder(services).AddIncomingGrainCallFilter(async context =>
        {
            if (!atOnce)
            {
                await Task.Yield();
            }

            throw new UnauthorizedAccessException(context.MethodName);
        }));

        var failure = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => engine.Grains.GetGrain<ISumGrain>("a").AddAsync(1, 2).Soon());

        Assert.Equal("AddAsync", failure.Message);
    }

    [Fact]
    public async Task Filter_OfACallThatThrows_SeesTheException()
    {
        Exception? seen = null;
        await using var engine = new TestEngine(register: services => new Builder(services).AddIncomingGrainCallFilter(async context =>
        {
            try
            {
                await context.Invoke();
            }
            catch (OverflowException exception)
            {
                seen = exception;
                throw;
            }
        }));

        var failure = await Assert.ThrowsAsync<OverflowException>(() => engine.Grains.GetGrain<ISumGrain>("a").AddAsync(int.MaxValue, 1));

        Assert.Same(failure, seen);
        Assert.Contains("SumGrain.AddAsync", failure.StackTrace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filter_OfACallFromAGrain_KnowsTheCaller()
    {
        await using var engine = new TestEngine(register: services => new Builder(services).AddIncomingGrainCallFilter<JournalFilter>());

        await engine.Grains.GetGrain<ISumGrain>("a").ForwardAsync("b");

        Assert.Contains("in ISumGrain.AddAsync on sum/b SumGrain.AddAsync from sum/a", engine.Journal.Entries);
    }

    internal interface ISumGrain : IGrainWithStringKey
    {
        Task<int> AddAsync(int one, int other);

        Task ForwardAsync(string key);
    }

    internal sealed class SumGrain(Journal journal) : Grain, ISumGrain, IIncomingGrainCallFilter
    {
        public Task<int> AddAsync(int one, int other)
        {
            journal.Add("add");
            return Task.FromResult(checked(one + other));
        }

        public Task ForwardAsync(string key) => GrainFactory.GetGrain<ISumGrain>(key).AddAsync(1, 1);

        public async Task Invoke(IIncomingGrainCallContext context)
        {
            journal.Add("own in");
            await context.Invoke();
            journal.Add("own out");
        }
    }

    private sealed class JournalFilter(Journal journal, IGrainFactory grains) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            Assert.NotNull(grains);
            var contract = context.InterfaceName.Split('.', '+')[^1];
            var method = $"{context.ImplementationMethod.DeclaringType!.Name}.{context.ImplementationMethod.Name}";
            Assert.Equal(context.InterfaceMethod.Name, context.MethodName);
            Assert.Same(context.Grain, context.TargetContext.GrainInstance);
            journal.Add(
                $"in {contract}.{context.MethodName} on {context.TargetId} {method} from {context.SourceId?.ToString() ?? "nobody"}");
            await context.Invoke();
            journal.Add($"out {context.Result}");
        }
    }

    private sealed record Builder(IServiceCollection Services) : ISiloBuilder;
}
