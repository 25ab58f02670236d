using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace LlmObserve.LocalOrleans.Tests.Contract;

/// <summary>
/// The real Orleans.Core.Abstractions.dll beside this engine's assembly, both read as metadata and never run. What the real one refers
/// to and no package here provides (Orleans.Serialization and so on) is stood in for by empty types of the same names, made from its
/// own table of references, so that every one of its types can be read.
/// </summary>
internal sealed class RealOrleans : IDisposable
{
    private readonly MetadataLoadContext _context;

    public RealOrleans()
    {
        var path = typeof(RealOrleans).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(static attribute => attribute.Key == "OrleansAbstractions").Value!;
        var missing = StandIns.For(path);
        _context = new MetadataLoadContext(new Resolver(missing), typeof(object).Assembly.GetName().Name);
        Assembly = _context.LoadFromAssemblyPath(path);
        Ours = _context.LoadFromAssemblyPath(typeof(GrainEngine).Assembly.Location);
        Tests = _context.LoadFromAssemblyPath(typeof(RealOrleans).Assembly.Location);
        References = ReferencesOf(path);
    }

    public Assembly Assembly { get; }

    public Assembly Ours { get; }

    /// <summary>This test assembly, for planted types.</summary>
    public Assembly Tests { get; }

    /// <summary>The full names of all types of other assemblies that the real one uses.</summary>
    public IReadOnlySet<string> References { get; }

    public void Dispose() => _context.Dispose();

    private static HashSet<string> ReferencesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. reader.TypeReferences.Select(reader.GetTypeReference)
            .Select(type => $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}")];
    }

    private sealed class Resolver(IReadOnlyDictionary<string, byte[]> standIns) : MetadataAssemblyResolver
    {
        // The two shared frameworks that this process runs on, and what lies beside it.
        private static readonly string[] Folders =
        [
            Path.GetDirectoryName(typeof(object).Assembly.Location)!,
            Path.GetDirectoryName(typeof(Microsoft.Extensions.Hosting.IHostedService).Assembly.Location)!,
            AppContext.BaseDirectory,
        ];

        public override Assembly? Resolve(MetadataLoadContext context, AssemblyName assemblyName)
        {
            var path = Folders.Select(folder => Path.Combine(folder, $"{assemblyName.Name}.dll")).FirstOrDefault(File.Exists);
            return path is not null ? context.LoadFromAssemblyPath(path)
                : standIns.TryGetValue(assemblyName.Name!, out var image) ? context.LoadFromByteArray(image)
                : null;
        }
    }

    private static class StandIns
    {
        public static Dictionary<string, byte[]> For(string path)
        {
            using var file = new PEReader(File.OpenRead(path));
            var reader = file.GetMetadataReader();
            return reader.TypeReferences
                .Select(reader.GetTypeReference)
                .Where(static type => type.ResolutionScope.Kind == HandleKind.AssemblyReference)
                .GroupBy(type => reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope))
                .Where(group => reader.GetString(group.Key.Name).StartsWith("Orleans", StringComparison.Ordinal))
                .ToDictionary(
                    group => reader.GetString(group.Key.Name),
                    group => Make(
                        new AssemblyName(reader.GetString(group.Key.Name)) { Version = group.Key.Version },
                        group.Select(type => (reader.GetString(type.Namespace), reader.GetString(type.Name)))));
        }

        private static byte[] Make(AssemblyName name, IEnumerable<(string Namespace, string Name)> types)
        {
            var assembly = new PersistedAssemblyBuilder(name, typeof(object).Assembly);
            var module = assembly.DefineDynamicModule(name.Name!);
            foreach (var (space, type) in types)
            {
                var interfaceLike = type.Length > 1 && type[0] == 'I' && char.IsUpper(type[1]);
                var attributes = interfaceLike ? TypeAttributes.Interface | TypeAttributes.Abstract : TypeAttributes.Class;
                var made = module.DefineType($"{space}.{type}", TypeAttributes.Public | attributes);
                if (type.IndexOf('`', StringComparison.Ordinal) is >= 0 and var arity)
                {
                    made.DefineGenericParameters(
                        [.. Enumerable.Range(0, int.Parse(type[(arity + 1)..])).Select(static number => $"T{number}")]);
                }

                made.CreateType();
            }

            using var image = new MemoryStream();
            assembly.Save(image);
            return image.ToArray();
        }
    }
}
