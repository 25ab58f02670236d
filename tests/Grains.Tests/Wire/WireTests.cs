using System.Collections.Immutable;
using System.Reflection;
using LlmObserve.Grains.Interfaces.Accounts;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.Grains.Tests.Wire;

/// <summary>
/// While a cluster is upgraded, silos of two releases call each other. What they must agree on is written down in <c>wire.txt</c>: a line may be
/// added to it, but none that a release has had may change or go.
/// </summary>
public sealed class WireTests
{
    private static readonly Assembly s_contracts = typeof(IAccountGrain).Assembly;

    /// <summary>Types that the cluster engine sends by itself.</summary>
    private static readonly ImmutableHashSet<Type> s_known =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTimeOffset), typeof(TimeSpan), typeof(Task), typeof(Task<>), typeof(Nullable<>),
        typeof(ImmutableArray<>), typeof(ImmutableDictionary<,>), typeof(CancellationToken),
    ];

    [Fact]
    public async Task Wire_AgainstWhatIsWrittenDown_IsTheSame()
    {
        var actual = WireShape.Render(s_contracts);
        var made = Path.Combine(AppContext.BaseDirectory, "wire.txt");
        var expected = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Wire", "wire.txt"));

        await File.WriteAllTextAsync(made, actual);

        Assert.True(expected == actual, $"The wire has changed. If every line that a release had is still there, copy {made} over tests/Grains.Tests/Wire/wire.txt.");
    }

    [Fact]
    public void Contracts_AndTheirMethods_HaveNamesOfTheirOwn()
    {
        var contracts = WireShape.ContractsOf(s_contracts);

        Assert.All(contracts, contract => Assert.NotNull(WireShape.AliasOf(contract)));
        Assert.All(contracts.SelectMany(contract => contract.GetMethods()), method => Assert.NotNull(WireShape.AliasOf(method)));
        Assert.All(contracts, contract => Assert.Distinct(contract.GetMethods().Select(WireShape.AliasOf)));
        Assert.Distinct(contracts.Concat(WireShape.MessagesOf(s_contracts)).Select(WireShape.AliasOf));
    }

    [Fact]
    public void Messages_InEveryMember_AreNumberedAndOfTypesThatCanBeSent()
    {
        var messages = WireShape.MessagesOf(s_contracts);
        var sent = messages.Concat(WireShape.StoodForBy(s_contracts).Values).ToImmutableHashSet();

        Assert.All(messages, message => Assert.NotNull(WireShape.AliasOf(message)));
        Assert.All(messages, message => Assert.Distinct(WireShape.MembersOf(message).Select(member => member.Id)));
        Assert.All(
            messages.Where(message => !message.IsAssignableTo(typeof(Exception))),
            message => Assert.Equal(
                message.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length, WireShape.MembersOf(message).Count()));
        var used = messages.SelectMany(WireShape.MembersOf).Select(member => member.Type).Concat(WireShape.ContractsOf(s_contracts)
            .SelectMany(contract => contract.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)));
        Assert.DoesNotContain(used.SelectMany(Parts).Distinct(), type =>
            !type.IsPrimitive && !type.IsEnum && !s_known.Contains(type) && !sent.Contains(type) && !type.IsAssignableTo(typeof(IAddressable)));
    }

    [Fact]
    public void Messages_OfRecords_AreNotCopiedBetweenGrainsOfOneSilo() => Assert.All(
        WireShape.MessagesOf(s_contracts).Where(message => !message.IsAssignableTo(typeof(Exception))),
        message => Assert.True(message.IsDefined(typeof(ImmutableAttribute)), message.Name));

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type.GetGenericTypeDefinition()) : [type];
}
