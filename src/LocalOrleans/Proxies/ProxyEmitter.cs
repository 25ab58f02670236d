using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>
/// Generates for a contract the class of its references, and for each of its methods a class of calls that holds the arguments in
/// fields. For <c>Task&lt;int&gt; AddAsync(int n)</c>:
/// <code>
/// class AddAsyncCall : TaskCall&lt;int&gt; { public int n; Task Invoke(object target) => ((IContract)target).AddAsync(n); }
/// class Reference : GrainReference, IContract
/// {
///     Task&lt;int&gt; AddAsync(int n) => (Task&lt;int&gt;)Send(new AddAsyncCall { n = n });
/// }
/// </code>
/// </summary>
internal static class ProxyEmitter
{
    private const string AssemblyName = "LlmObserve.LocalOrleans.Generated";

    private static readonly AssemblyBuilder Assembly =
        AssemblyBuilder.DefineDynamicAssembly(new AssemblyName(AssemblyName), AssemblyBuilderAccess.Run);

    private static readonly ModuleBuilder Module = Assembly.DefineDynamicModule(AssemblyName);
    private static readonly HashSet<Assembly> Opened = [];
    private static readonly Lock Gate = new();

    private static readonly Type[] ReferenceArguments = [typeof(CallTarget), typeof(string)];
    private static readonly MethodInfo Send = Own(typeof(GrainReference), nameof(GrainReference.Send));
    private static readonly ConstructorInfo ReferenceConstructor =
        typeof(GrainReference).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, ReferenceArguments)!;

    private static int s_made;

    public static ProxyType Emit(Type contract)
    {
        // A module builder is not safe for threads that emit at once.
        lock (Gate)
        {
            Open(typeof(ProxyEmitter).Assembly);
            Open(contract.Assembly);
            var name = $"{contract.FullName}#{++s_made}";
            var type = Module.DefineType(
                $"{name}.Reference", TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [contract]);
            EmitConstructor(type);
            var number = 0;
            foreach (var method in ContractShape.MethodsOf(contract))
            {
                EmitMethod(type, method, CallEmitter.Emit(Module, $"{name}.{method.Name}Call{++number}", contract, method));
            }

            var create = type.CreateType().GetMethod(nameof(ProxyType.Create), ReferenceArguments)!;
            return new ProxyType(create.CreateDelegate<Func<CallTarget, string, GrainReference>>());
        }
    }

    internal static MethodInfo Own(Type type, string name) =>
        type.GetMethod(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!;

    /// <summary>Lets the generated code use what is internal to an assembly: contracts and messages need not be public.</summary>
    internal static void Open(Assembly assembly)
    {
        if (Opened.Add(assembly))
        {
            var constructor = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
            Assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, [assembly.GetName().Name]));
        }
    }

    private static void EmitConstructor(TypeBuilder type)
    {
        var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, ReferenceArguments);
        var code = constructor.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Ldarg_2);
        code.Emit(OpCodes.Call, ReferenceConstructor);
        code.Emit(OpCodes.Ret);

        var create = type.DefineMethod(
            nameof(ProxyType.Create), MethodAttributes.Public | MethodAttributes.Static, typeof(GrainReference), ReferenceArguments);
        code = create.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Newobj, constructor);
        code.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder type, MethodInfo method, EmittedCall call)
    {
        Type[] parameters = [.. method.GetParameters().Select(static parameter => parameter.ParameterType)];
        var implementation = type.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            parameters);
        var code = implementation.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Newobj, call.Constructor);
        for (var i = 0; i < parameters.Length; i++)
        {
            code.Emit(OpCodes.Dup);
            code.Emit(OpCodes.Ldarg, (short)(i + 1));
            code.Emit(OpCodes.Stfld, call.Arguments[i]);
        }

        code.Emit(OpCodes.Call, Send);
        EmitReturn(code, method.ReturnType);
        type.DefineMethodOverride(implementation, method);
    }

    private static void EmitReturn(ILGenerator code, Type returns)
    {
        if (returns == typeof(void))
        {
            code.Emit(OpCodes.Pop);
        }
        else if (returns == typeof(ValueTask))
        {
            code.Emit(OpCodes.Newobj, typeof(ValueTask).GetConstructor([typeof(Task)])!);
        }
        else if (returns.IsGenericType)
        {
            var task = typeof(Task<>).MakeGenericType(returns.GetGenericArguments());
            code.Emit(OpCodes.Castclass, task);
            if (returns != task)
            {
                code.Emit(OpCodes.Newobj, returns.GetConstructor([task])!);
            }
        }

        code.Emit(OpCodes.Ret);
    }
}
